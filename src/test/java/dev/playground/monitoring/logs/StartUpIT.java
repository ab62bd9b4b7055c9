package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.ServiceProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * How long the packaged service takes to listen, with a Loki that never answers and without any.
 */
class StartUpIT {
    /** {@code -Dstartup.rounds=20}, on a quiet machine, to measure. */
    private static final int ROUNDS = Integer.getInteger("startup.rounds", 2);

    /** A busy machine spoils a start, but not as many as these. */
    private static final int MOST_ROUNDS = ROUNDS + 8;

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
    }

    /**
     * The contract is 100 ms at the median, for a quiet machine; on a busy one two equal starts
     * differ by more. But no start that waited is quicker than a try to connect takes.
     */
    private static boolean waited(List<Long> with, List<Long> without) {
        return Collections.min(with) >= Collections.min(without) + CONNECTION_TIMEOUT_MS;
    }

    private static long millis(String lokiHost) throws IOException {
        long started = System.nanoTime();
        try (ServiceProcess service =
                new ServiceProcess(
                        Map.of("PORT", "0", "LOKI_HOST", lokiHost),
                        "-jar",
                        "target/backend-monitoring.jar")) {
            service.port();
            return (System.nanoTime() - started) / 1_000_000;
        }
    }
}
