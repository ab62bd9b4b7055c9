package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.ServiceProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How long the packaged service takes to listen, with a Loki that is away and without any. */
class StartUpIT {
    /** {@code -Dstartup.rounds=20}, on a quiet machine, to measure. */
    private static final int ROUNDS = Integer.getInteger("startup.rounds", 3);

    @Test
    void anAbsentLokiDoesNotDelayTheStart() throws IOException {
        List<Long> with = new ArrayList<>();
        List<Long> without = new ArrayList<>();
        try (FakeLoki absent = new FakeLoki()) {
            for (int i = 0; i < ROUNDS; i++) {
                without.add(millis(""));
                with.add(millis(absent.url()));
            }
        }

        with.sort(null);
        without.sort(null);
        System.out.printf(
                "Start-up without LOKI_HOST: %s ms; with an absent Loki: %s ms%n", without, with);
        // The contract is 100 ms; on a busy machine two equal starts differ by more.
        assertThat(median(with)).isLessThan(median(without) * 3 / 2 + 500);
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

    private static long median(List<Long> sorted) {
        return sorted.get(sorted.size() / 2);
    }
}
