package dev.playground.monitoring.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A real Alertmanager with compose's flags and configuration; only the folders, the port and the
 * webhook differ.
 */
public record AlertmanagerServer(Process process, URI url) implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Of the committed configuration. */
    public static final String GROUP_INTERVAL = "1m";

    /**
     * @param folder for its files
     * @param webhook receives the notifications
     */
    public static AlertmanagerServer start(Path folder, String webhook, String groupInterval)
            throws IOException {
        PrometheusProgram program = PrometheusProgram.alertmanager();
        Path receiver = Files.writeString(folder.resolve("url"), webhook);
        String committed = Project.text(Project.FILES.resolve("alertmanager/webhook.yml"));
        String interval = "group_interval: ";
        assertThat(committed).contains("/etc/alertmanager/webhook/url", interval + GROUP_INTERVAL);
        Path configuration =
                Files.writeString(
                        folder.resolve("alertmanager.yml"),
                        committed
                                .replace("/etc/alertmanager/webhook/url", receiver.toString())
                                .replace(interval + GROUP_INTERVAL, interval + groupInterval));
        String address = "localhost:" + FreePort.find();
        String[] flags =
                Project.composeFlags(
                        "alertmanager",
                        configuration,
                        folder.resolve("alertmanager"),
                        "--web.listen-address=" + address);
        Path log = folder.resolve("alertmanager.log");
        AlertmanagerServer server =
                new AlertmanagerServer(program.start(log, flags), URI.create("http://" + address));
        await().atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> !server.process.isAlive() || server.isReady());
        if (!server.process.isAlive()) {
            if (Files.readString(log).contains("default.tmpl: no such file")) {
                Requirement.PROMETHEUS.isMissing(
                        "Alertmanager lacks its templates, which Debian's has in"
                                + " /usr/share/prometheus/alertmanager.");
            }
            fail(Files.readString(log));
        }
        return server;
    }

    private boolean isReady() {
        return Http.get(url.resolve("/-/ready")).statusCode() == 200;
    }

    @Override
    public void close() {
        Command.stop(process);
    }
}
