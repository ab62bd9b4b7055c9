package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.Application;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.FakeLoki.Failure;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long the packaged service takes to listen while Loki is unreachable, and without Loki. */
class StartUpIT {
    /** To measure: {@code -Dstartup.rounds=20} on an idle machine. */
    private static final int ROUNDS = Integer.getInteger("startup.rounds", 2);

    private static final boolean MEASURED = System.getProperty("startup.rounds") != null;

    /** The contract for the medians. */
    private static final long BOUND_MS = 100;

    /** A busy machine delays single starts, but not this many in a row. */
    private static final int MAX_ROUNDS = ROUNDS + 8;

    private static final String JAR = "target/backend-monitoring.jar";

    /** As in logback.xml. A start that waits for Loki takes longer than this. */
    private static final long CONNECTION_TIMEOUT_MS = 2_000;

    @Test
    void startsWithoutWaitingForLoki() throws IOException {
        List<Long> with = new ArrayList<>();
        List<Long> without = new ArrayList<>();
        try (FakeLoki loki = new FakeLoki()) {
            loki.fail(Failure.BLACK_HOLE);
            for (int i = 0; i < ROUNDS || i < MAX_ROUNDS && waits(with, without); i++) {
                without.add(startMillis(""));
                with.add(startMillis(loki.url()));
                with.sort(null);
                without.sort(null);
            }
        }

        System.out.printf(
                "Start without LOKI_HOST: %s ms; with unreachable Loki: %s ms%n", without, with);
        assertThat(waits(with, without)).isFalse();
        if (MEASURED) {
            assertThat(with.get(ROUNDS / 2))
                    .isLessThanOrEqualTo(without.get(ROUNDS / 2) + BOUND_MS);
        }
    }

    /** It takes a third of a second, less than a busy machine adds to a start. */
    @Test
    void createsHttpClientForLokiOnAnotherThread(@TempDir Path folder) throws Exception {
        Path loaded = folder.resolve("loaded");
        try (FakeLoki loki = new FakeLoki();
                ServiceProcess service =
                        new ServiceProcess(
                                Map.of("PORT", "0", "LOKI_HOST", loki.url()),
                                "-Xlog:class+load:file=" + loaded + ":tid:filecount=0",
                                "-jar",
                                JAR)) {
            service.port();

            String client =
                    await().atMost(Duration.ofSeconds(30))
                            .until(
                                    () -> loader(loaded, "jdk.internal.net.http.HttpClientImpl"),
                                    Objects::nonNull);
            assertThat(client).isNotEqualTo(loader(loaded, Application.class.getName()));
        }
    }

    /** The id of the thread that loads a class, in brackets; null before it does. */
    private static String loader(Path loaded, String className) throws IOException {
        try (Stream<String> lines = Files.lines(loaded)) {
            return lines.map(line -> line.split(" "))
                    .filter(line -> line.length > 1 && line[1].equals(className))
                    .map(line -> line[0])
                    .findFirst()
                    .orElse(null);
        }
    }

    private static boolean waits(List<Long> with, List<Long> without) {
        return with.get(0) >= without.get(0) + CONNECTION_TIMEOUT_MS;
    }

    private static long startMillis(String lokiHost) throws IOException {
        long started = System.nanoTime();
        try (ServiceProcess service =
                new ServiceProcess(Map.of("PORT", "0", "LOKI_HOST", lokiHost), "-jar", JAR)) {
            service.port();
            return (System.nanoTime() - started) / 1_000_000;
        }
    }
}
