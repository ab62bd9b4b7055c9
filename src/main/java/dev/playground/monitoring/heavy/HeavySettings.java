package dev.playground.monitoring.heavy;

import dev.playground.monitoring.config.Setting;
import dev.playground.monitoring.config.Settings;
import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.annotation.Nullable;
import java.util.List;

/**
 * The simulated work. The defaults are in application.yml.
 *
 * @param latenciesMs in milliseconds
 * @param errorRate the share of calls that fail
 * @param errorCauses for the log line of a failed call
 * @param maxInFlight further calls get 503
 * @param seed null for another sequence at each start
 */
@ConfigurationProperties("heavy")
record HeavySettings(
        @Setting(
                        variable = "HEAVY_LATENCIES_MS",
                        expected =
                                "whole numbers of milliseconds from 0 to "
                                        + Latency.LIMIT_MS
                                        + ", separated by commas",
                        min = 0,
                        max = Latency.LIMIT_MS)
                List<Integer> latenciesMs,
        @Setting(variable = "HEAVY_ERROR_RATE", expected = "a number from 0 to 1", min = 0, max = 1)
                double errorRate,
        @Setting(
                        variable = "HEAVY_ERROR_CAUSES",
                        expected = "one or more causes, separated by commas")
                List<String> errorCauses,
        @Setting(
                        variable = "HEAVY_MAX_IN_FLIGHT",
                        expected = "a whole number from 1 to " + MAX_IN_FLIGHT,
                        min = 1,
                        max = MAX_IN_FLIGHT)
                int maxInFlight,
        @Setting(variable = "HEAVY_SEED", expected = "a whole number or nothing") @Nullable
                Long seed)
        implements Settings {
    private static final int MAX_IN_FLIGHT = 1_000_000;
}
