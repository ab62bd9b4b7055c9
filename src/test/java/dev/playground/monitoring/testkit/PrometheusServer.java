package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real Prometheus with compose's own flags, configuration, rules and targets. Only the addresses
 * of the targets and the folders are others.
 */
public final class PrometheusServer implements AutoCloseable {
    /** Where the files are in the container. */
    private static final String FOLDER = "/etc/prometheus";

    /** Its own target, as compose names it. */
    private static final String OWN_ADDRESS = "prom-server:9090";

    private final Process process;
    private final PrometheusApi api;

    private PrometheusServer(Process process, int port) {
        this.process = process;
        api = new PrometheusApi("http://localhost:" + port);
    }

    /**
     * @param folder an empty one
     * @param addresses of compose to addresses of the test
     */
    public static PrometheusServer start(Path folder, Map<String, String> addresses)
            throws IOException {
        PrometheusProgram program = PrometheusProgram.prometheus();
        int port = FreePort.find();
        configure(folder, addresses, "localhost:" + port);
        Map<String, Object> service =
                Project.map(Project.map(Project.compose(), "services"), "prom-server");
        @SuppressWarnings("unchecked")
        List<String> flags = (List<String>) service.get("command");
        List<String> arguments = new ArrayList<>();
        for (String flag : flags) {
            arguments.add(
                    flag.replace(FOLDER, folder.toString())
                            .replace("path=/prometheus", "path=" + folder.resolve("data")));
        }
        arguments.add("--web.listen-address=localhost:" + port);
        return new PrometheusServer(
                program.start(
                        ProcessBuilder.Redirect.to(folder.resolve("prometheus.log").toFile()),
                        arguments.toArray(String[]::new)),
                port);
    }

    private static void configure(Path folder, Map<String, String> addresses, String own)
            throws IOException {
        Files.writeString(
                folder.resolve("prometheus.yml"),
                Project.text(Project.FILES.resolve("prometheus/prometheus.yml"))
                        .replace(FOLDER, folder.toString()));
        Path rules = Files.createDirectory(folder.resolve("rules"));
        for (Path file : Project.files("prometheus/rules")) {
            Files.copy(file, rules.resolve(file.getFileName()));
        }
        for (String config : List.of("scrape", "alertmanagers")) {
            String text = Project.composeConfig(config).replace(OWN_ADDRESS, own);
            for (Map.Entry<String, String> address : addresses.entrySet()) {
                text = text.replace(address.getKey(), address.getValue());
            }
            Path target = Files.createDirectory(folder.resolve(config));
            Files.writeString(target.resolve("compose.yml"), text);
        }
    }

    public PrometheusApi api() {
        return api;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
