package dev.playground.monitoring.compose;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stack of docker-compose.yml, as a project of its own on other ports. A service whose image is
 * neither here nor to be pulled is left out; where there is no Docker, the calling test is aborted.
 */
public final class ComposeStack implements AutoCloseable {
    private static final List<String> COMPOSE =
            List.of(
                    "docker",
                    "compose",
                    "-f",
                    "docker-compose.yml",
                    "-f",
                    "src/test/resources/e2e/compose.yml");

    private final Set<String> services;

    private ComposeStack(Set<String> services) {
        this.services = services;
    }

    /** Starts what can be started and waits until it is healthy. */
    public static ComposeStack start() {
        requireDocker();
        Set<String> services = new LinkedHashSet<>();
        Map<String, Object> all = Project.map(Project.compose(), "services");
        for (String name : all.keySet()) {
            Map<String, Object> service = Project.map(all, name);
            if (service.containsKey("build") || hasImage((String) service.get("image"))) {
                services.add(name);
            }
        }
        ComposeStack stack = new ComposeStack(services);
        Command.Result build = compose(Map.of(), List.of("build", "-q"));
        if (!build.isSuccess()) {
            throw new IllegalStateException(build.output());
        }
        stack.up(Map.of(), services.toArray(String[]::new));
        return stack;
    }

    public static void requireDocker() {
        if (!run(Map.of(), List.of("docker", "compose", "version")).isSuccess()
                || !run(Map.of(), List.of("docker", "info")).isSuccess()) {
            Requirement.E2E.isMissing(
                    "There is no Docker with Compose that can be used. This test needs both.");
        }
    }

    /** Here, or pulled now. */
    public static boolean hasImage(String image) {
        return run(Map.of(), List.of("docker", "image", "inspect", image)).isSuccess()
                || run(Map.of(), List.of("docker", "pull", "-q", image)).isSuccess();
    }

    /** Whether the service runs; a test that needs it says so when not. */
    public boolean has(String service) {
        return services.contains(service);
    }

    public void assume(String service) {
        if (!has(service)) {
            Requirement.E2E.isMissing("There is no image of " + service + ". This test needs it.");
        }
    }

    /** Starts services anew where this environment changes them. */
    public void up(Map<String, String> environment, String... names) {
        List<String> arguments =
                new ArrayList<>(
                        List.of("up", "-d", "--no-deps", "--wait", "--wait-timeout", "180"));
        arguments.addAll(List.of(names));
        Command.Result up = compose(environment, arguments);
        if (!up.isSuccess()) {
            String logs = compose(Map.of(), List.of("logs", "--tail", "20")).output();
            close();
            throw new IllegalStateException(up.output() + logs);
        }
    }

    /** Where a service is reached from here. */
    public String url(String service, int port) {
        String address =
                compose(Map.of(), List.of("port", service, Integer.toString(port))).output();
        return "http://" + address.strip();
    }

    private static Command.Result compose(Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>(COMPOSE);
        command.addAll(arguments);
        return run(environment, command);
    }

    private static Command.Result run(Map<String, String> environment, List<String> command) {
        return Command.run(Project.TOP, environment, "", command);
    }

    /** Removes containers, networks and volumes. */
    @Override
    public void close() {
        compose(Map.of(), List.of("down", "-v"));
    }
}
