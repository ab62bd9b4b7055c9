package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A real Prometheus with compose's flags, configuration, rules and targets; only the folders and
 * the addresses of the targets differ.
 */
public record PrometheusServer(Process process, PrometheusApi api) implements AutoCloseable {
    /** The folder of the configuration in the container. */
    private static final String FOLDER = "/etc/prometheus";

    private static final String SERVICE = "prom-server";

    /**
     * @param folder an empty one
     * @param addresses the test's, by those of compose
     */
    public static PrometheusServer start(Path folder, Map<String, String> addresses)
            throws IOException {
        PrometheusProgram program = PrometheusProgram.prometheus();
        String own = "localhost:" + FreePort.find();
        configure(folder, addresses, own);
        String[] flags =
                Project.composeFlags(
                        SERVICE,
                        folder.resolve("prometheus.yml"),
                        folder.resolve("data"),
                        "--web.listen-address=" + own);
        Process process = program.start(folder.resolve("prometheus.log"), flags);
        return new PrometheusServer(process, new PrometheusApi("http://" + own));
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
            String text = Project.composeConfig(config).replace(SERVICE + ":9090", own);
            for (Map.Entry<String, String> address : addresses.entrySet()) {
                text = text.replace(address.getKey(), address.getValue());
            }
            Path target = Files.createDirectory(folder.resolve(config));
            Files.writeString(target.resolve("compose.yml"), text);
        }
    }

    @Override
    public void close() {
        Command.stop(process);
    }
}
