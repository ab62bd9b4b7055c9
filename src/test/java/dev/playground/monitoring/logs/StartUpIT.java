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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** Some 5 % above the number on JDK 25; JDK 17 loads fewer. */
    private static final int MAX_CLASSES = 6_900;

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

    /** Each class costs time at the start, and 10 KB of memory. */
    @Test
    void loadsNoMoreClassesThanNeededAndPushesOnAnotherThread(@TempDir Path folder)
            throws Exception {
        Path log = folder.resolve("loaded");
        try (FakeLoki loki = new FakeLoki();
                ServiceProcess service =
                        new ServiceProcess(
                                Map.of("PORT", "0", "LOKI_HOST", loki.url()),
                                "-Xlog:class+load:file=" + log + ":tid:filecount=0",
                                "-jar",
                                JAR)) {
            loki.accept();
            service.port();
            await().atMost(Duration.ofSeconds(30)).until(() -> !loki.entries().isEmpty());
        }
        // The id of the thread that loads a class, in brackets, by class.
        Map<String, String> loaders = new HashMap<>();
        for (String line : Files.readAllLines(log)) {
            String[] words = line.split(" ");
            loaders.putIfAbsent(words[1], words[0]);
        }
        assertThat(loaders)
                .hasSizeLessThan(MAX_CLASSES)
                .doesNotContainKey("java.net.http.HttpClient");
        assertThat(loaders.get("sun.net.www.protocol.http.HttpURLConnection"))
                .isNotNull()
                .isNotEqualTo(loaders.get(Application.class.getName()));
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
