package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.compose.ComposeStack;
import dev.playground.monitoring.logs.PromtailPipeline.Line;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares {@link PromtailPipeline} with the image of Promtail that docker-compose.yml pins. Both
 * process {@link LogCorpus} and a sample of {@link LogEvents}, once from the log of a Docker
 * container and once from a CRI log file, by promtail.yaml as it is. Every entry that Promtail
 * pushes must equal an entry of the emulator, and the reverse, in labels, timestamp (nanoseconds),
 * line and structured metadata. Runs by {@code mvn -Pe2e verify}.
 */
class PromtailE2E {
    private static final Map<String, Object> SERVICE =
            Project.map(Project.map(Project.compose(), "services"), "promtail");
    private static final String IMAGE = (String) SERVICE.get("image");
    private static final String CONFIG = "promtail/promtail.yaml";
    private static final Map<String, String> LABELS =
            Map.of(
                    "app", "loki-backend-monitoring",
                    "namespace", "local",
                    "instance", "backend");

    /** Continues the last line, after Promtail has sent it. */
    private static final List<String> LATE = List.of("\tat A.c(A.java)", "\tat A.d(A.java)", "end");

    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir Path folder;

    private final List<String> containers = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    @AutoClose private FakeLoki loki;

    @BeforeEach
    void start() throws Exception {
        if (!ComposeStack.hasImage(IMAGE)) {
            Requirement.E2E.isMissing("There is no Docker with the image " + IMAGE + ".");
        }
        loki = new FakeLoki();
        loki.accept();
        lines.addAll(LogCorpus.all());
        try (ServiceLogging logging = new ServiceLogging("", new ByteArrayOutputStream())) {
            for (ILoggingEvent event : LogEvents.lists(300).sample()) {
                logging.logger("any").callAppenders(event);
            }
            lines.addAll(logging.stdoutLines());
        }
    }

    @AfterEach
    void stop() {
        for (String container : containers) {
            docker("rm", "--force", container);
        }
    }

    @Test
    void pushesEqualEntriesOfADockerContainer() throws Exception {
        String project = "promtail-e2e-" + loki.url().replaceAll("\\D", "");
        Path stdout = folder.resolve("stdout");
        append(stdout, text(lines));
        Map<String, Object> environment = Project.map(SERVICE, "environment");
        String sd = (String) environment.get("DOCKER_SD");
        startPromtail(
                Project.FILES.resolve(CONFIG),
                Map.of(
                        "DOCKER_SD",
                        sd.replace("${COMPOSE_PROJECT_NAME}", project),
                        "RELABEL",
                        (String) environment.get("RELABEL")));
        String source =
                run(
                        "--volume=" + stdout + ":/stdout:ro",
                        "--label=promtail=true",
                        "--label=app=" + LABELS.get("app"),
                        "--label=com.docker.compose.project=" + project,
                        "--label=com.docker.compose.service=" + LABELS.get("instance"),
                        "--entrypoint=tail",
                        IMAGE,
                        "-c",
                        "+1",
                        "-f",
                        "/stdout");

        awaitEqualEntries(() -> ContainerLog.docker(LABELS, withTimes(source)));
        lines.addAll(LATE);
        append(stdout, text(LATE));
        awaitEqualEntries(() -> ContainerLog.docker(LABELS, withTimes(source)));
    }

    @Test
    void pushesEqualEntriesOfACriLogFile() throws Exception {
        Path config = folder.resolve("promtail.yaml");
        String discovery = "kubernetes_sd_configs: ${KUBERNETES_SD}";
        String file = Project.text(Project.FILES.resolve(CONFIG));
        assertThat(file).contains(discovery);
        Files.writeString(config, file.replace(discovery, "static_configs: ${KUBERNETES_SD}"));
        Path log = Files.createDirectory(folder.resolve("pods")).resolve("0.log");
        List<Line> written = new ArrayList<>(ContainerLog.seen(lines));
        append(log, cri(written));

        startPromtail(
                config,
                Map.of(
                        "KUBERNETES_SD",
                        "[{targets: [localhost], labels: {app: %s, namespace: %s, instance: %s, __path__: /logs/pods/*.log}}]"
                                .formatted(
                                        LABELS.get("app"),
                                        LABELS.get("namespace"),
                                        LABELS.get("instance"))));

        awaitEqualEntries(() -> ContainerLog.kubernetes(LABELS, written));
        long later = ContainerLog.SEEN + Duration.ofHours(1).toNanos();
        List<Line> late = LATE.stream().map(line -> new Line(line, later)).toList();
        written.addAll(late);
        append(log, cri(late));
        awaitEqualEntries(() -> ContainerLog.kubernetes(LABELS, written));
    }

    private void awaitEqualEntries(Supplier<List<LogEntry>> emulator) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> {
                            Set<LogEntry> emulated = new HashSet<>(emulator.get());
                            Set<LogEntry> pushed = new HashSet<>(loki.entries());
                            pushed.removeAll(emulated);
                            emulated.removeAll(loki.entries());
                            assertThat(pushed)
                                    .as("only from Promtail; only from the emulator: " + emulated)
                                    .isEmpty();
                            assertThat(emulated).as("only from the emulator").isEmpty();
                        });
    }

    private void startPromtail(Path config, Map<String, String> environment) {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "--network=host",
                                "--tmpfs=/var/lib/promtail",
                                "--volume=/var/run/docker.sock:/var/run/docker.sock:ro",
                                "--volume=" + config + ":/etc/promtail/promtail.yaml:ro",
                                "--volume=" + folder + ":/logs:ro",
                                "--env=LOKI_URL=" + loki.url()));
        environment.forEach((name, value) -> options.add("--env=" + name + "=" + value));
        options.add(IMAGE);
        ((List<?>) SERVICE.get("command")).forEach(argument -> options.add((String) argument));
        options.add("-server.http-listen-port=0");
        run(options.toArray(String[]::new));
    }

    /** The lines with the times at which Docker read them. */
    private List<Line> withTimes(String container) {
        String[] logged = docker("logs", "--timestamps", container).split("\n");
        assertThat(logged.length).isEqualTo(lines.size());
        List<Line> timed = new ArrayList<>();
        for (String line : lines) {
            String time = logged[timed.size()].split(" ", 2)[0];
            timed.add(new Line(line, PromtailPipeline.nanos(time)));
        }
        return timed;
    }

    private static byte[] text(List<String> lines) {
        return (String.join("\n", lines) + '\n').getBytes(StandardCharsets.UTF_8);
    }

    /** In parts of 16 KB, which may split a character. */
    private static byte[] cri(List<Line> lines) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        for (Line line : lines) {
            byte[] text = line.text().getBytes(StandardCharsets.UTF_8);
            int from = 0;
            do {
                int length = Math.min(text.length - from, ContainerLog.PART);
                String flag = from + length < text.length ? "P" : "F";
                Instant time = Instant.ofEpochSecond(0, line.nanos());
                file.writeBytes(("%s stdout %s ".formatted(time, flag)).getBytes());
                file.write(text, from, length);
                file.write('\n');
                from += length;
            } while (from < text.length);
        }
        return file.toByteArray();
    }

    private static void append(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "--detach"));
        command.addAll(List.of(arguments));
        String id = docker(command.toArray(String[]::new)).strip();
        containers.add(id);
        return id;
    }

    private static String docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return Command.run(Project.TOP, Map.of(), "", command).expectSuccess();
    }
}
