package dev.playground.monitoring.compose;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The stack of docker-compose.yml as a separate project on other ports. A service whose image is
 * neither present nor pullable is left out; without Docker the calling test is skipped.
 */
public final class ComposeStack implements AutoCloseable {
    public static final List<String> COMPOSE =
            List.of(
                    "docker",
                    "compose",
                    "-f",
                    "docker-compose.yml",
                    "-f",
                    "src/test/resources/e2e/compose.yml");

    private static final Pattern BASE_IMAGE = Pattern.compile("(?m)^ARG \\w+_IMAGE=(\\S+)");

    private final Set<String> services = new LinkedHashSet<>();

    private ComposeStack() {}

    /**
     * Builds and starts these services, without arguments all, and waits until they are healthy.
     */
    public static ComposeStack start(String... names) {
        requireDocker();
        ComposeStack stack = new ComposeStack();
        Map<String, Object> all = Project.map(Project.compose(), "services");
        for (String name : names.length == 0 ? all.keySet() : List.of(names)) {
            Map<String, Object> service = Project.map(all, name);
            if (service.containsKey("build") || hasImage((String) service.get("image"))) {
                stack.services.add(name);
            }
        }
        stack.compose("build", "-q");
        stack.up(Map.of(), stack.services.toArray(String[]::new));
        return stack;
    }

    /** Skips the calling test without Docker, Compose and the images to build the service from. */
    public static void requireDocker() {
        if (!run(Map.of(), List.of("docker", "compose", "version")).isSuccess()
                || !run(Map.of(), List.of("docker", "info")).isSuccess()) {
            Requirement.E2E.isMissing("Docker with Compose is missing. This test needs both.");
        }
        BASE_IMAGE
                .matcher(Project.text(Path.of("src/main/docker/Dockerfile")))
                .results()
                .map(arg -> arg.group(1))
                .filter(image -> !hasImage(image))
                .forEach(image -> Requirement.E2E.isMissing("Image " + image + " is missing."));
    }

    /** Whether the image is present or can be pulled. */
    public static boolean hasImage(String image) {
        return run(Map.of(), List.of("docker", "image", "inspect", image)).isSuccess()
                || run(Map.of(), List.of("docker", "pull", "-q", image)).isSuccess();
    }

    /** Skips the calling test where the service does not run. */
    public void assume(String service) {
        if (!has(service)) {
            Requirement.E2E.isMissing("The image of " + service + " is missing.");
        }
    }

    /** Whether the service runs. */
    public boolean has(String service) {
        return services.contains(service);
    }

    /** Re-creates the services that this environment changes, and waits until they are healthy. */
    public void up(Map<String, String> environment, String... names) {
        List<String> arguments =
                new ArrayList<>(
                        List.of("up", "-d", "--no-deps", "--wait", "--wait-timeout", "180"));
        arguments.addAll(List.of(names));
        Command.Result up = run(environment, command(arguments));
        if (!up.isSuccess()) {
            String logs = compose("logs", "--tail", "20");
            close();
            throw new IllegalStateException(up.output() + logs);
        }
    }

    /** The base URL of a port of a service. */
    public String url(String service, int port) {
        return "http://" + compose("port", service, Integer.toString(port)).strip();
    }

    /**
     * Runs a command of Compose on this stack.
     *
     * @throws IllegalStateException with the output if it fails
     */
    public String compose(String... arguments) {
        Command.Result result = run(Map.of(), command(List.of(arguments)));
        if (!result.isSuccess()) {
            throw new IllegalStateException(String.join(" ", arguments) + ": " + result.output());
        }
        return result.output();
    }

    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(COMPOSE);
        command.addAll(arguments);
        return command;
    }

    private static Command.Result run(Map<String, String> environment, List<String> command) {
        return Command.run(Project.TOP, environment, "", command);
    }

    /** Removes containers, networks and volumes. */
    @Override
    public void close() {
        run(Map.of(), command(List.of("down", "-v")));
    }
}
