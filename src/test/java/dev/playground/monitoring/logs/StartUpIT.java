package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.Application;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the packaged service takes to listen, with a Loki that never answers and without any.
 */
class StartUpIT {
    /** {@code -Dstartup.rounds=20}, on a quiet machine, to measure. */
    private static final boolean MEASURED = System.getProperty("startup.rounds") != null;

    private static final int ROUNDS = Integer.getInteger("startup.rounds", 2);

    /** The contract, at the median. */
    private static final long BOUND_MS = 100;

    /** A busy machine spoils a start, but not as many as these. */
    private static final int MOST_ROUNDS = ROUNDS + 8;

    private static final String JAR = "target/backend-monitoring.jar";

    /** As in logback.xml. */
    private static final long CONNECTION_TIMEOUT_MS = 2_000;

    @Test
    void theStartDoesNotWaitForLoki() throws IOException {
        List<Long> with = new ArrayList<>();
        List<Long> without = new ArrayList<>();
        try (FakeLoki silent = new FakeLoki()) {
            silent.beABlackHole();
            for (int i = 0; i < ROUNDS || i < MOST_ROUNDS && waited(with, without); i++) {
                without.add(millis(""));
                with.add(millis(silent.url()));
            }
        }

        with.sort(null);
        without.sort(null);
        System.out.printf(
                "Start-up without LOKI_HOST: %s ms; with a silent Loki: %s ms%n", without, with);
        assertThat(waited(with, without)).isFalse();
        if (MEASURED) {
            assertThat(median(with)).isLessThanOrEqualTo(median(without) + BOUND_MS);
        }
    }

    /** To make it takes a third of a second, which no test on a busy machine could tell. */
    @Test
    void theThreadThatStartsTheServiceMakesNoHttpClientForLoki(@TempDir Path folder)
            throws Exception {
        Path loaded = folder.resolve("loaded");
        try (FakeLoki silent = new FakeLoki()) {
            silent.beABlackHole();
            try (ServiceProcess service =
                    new ServiceProcess(
                            Map.of("PORT", "0", "LOKI_HOST", silent.url()),
                            "-Xlog:class+load:file=" + loaded + ":tid:filecount=0",
                            "-jar",
                            JAR)) {
                service.port();

                // The tid, in brackets, is that of the thread that loads the class.
                await().atMost(Duration.ofSeconds(30))
                        .until(
                                () ->
                                        loader(loaded, "jdk.internal.net.http.HttpClientImpl")
                                                != null);
                assertThat(loader(loaded, "jdk.internal.net.http.HttpClientImpl"))
                        .isNotEqualTo(loader(loaded, Application.class.getName()));
            }
        }
    }

    private static String loader(Path loaded, String className) throws IOException {
        try (Stream<String> lines = Files.lines(loaded)) {
            return lines.map(line -> line.split(" "))
                    .filter(line -> line.length > 1 && line[1].equals(className))
                    .map(line -> line[0])
                    .findFirst()
                    .orElse(null);
        }
    }

    /**
     * On a busy machine two equal starts differ by more than the contract allows. But no start that
     * waited is quicker than a try to connect takes.
     */
    private static boolean waited(List<Long> with, List<Long> without) {
        return Collections.min(with) >= Collections.min(without) + CONNECTION_TIMEOUT_MS;
    }

    private static long median(List<Long> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private static long millis(String lokiHost) throws IOException {
        long started = System.nanoTime();
        try (ServiceProcess service =
                new ServiceProcess(Map.of("PORT", "0", "LOKI_HOST", lokiHost), "-jar", JAR)) {
            service.port();
            return (System.nanoTime() - started) / 1_000_000;
        }
    }
}
