package dev.playground.monitoring.heavy;

import io.micronaut.core.annotation.Nullable;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How calls of {@code /heavy-computation} behave.
 *
 * @param errorRate the share of calls that fail, from 0 to 1
 * @param causes for the log line of a failed call
 * @param latency of a call that succeeds
 * @param failureLatencyMs of a call that fails
 * @param seeded the source of a reproducible sequence; null for any other
 */
public record Behaviour(
        double errorRate,
        List<String> causes,
        Latency latency,
        int failureLatencyMs,
        @Nullable RandomGenerator seeded) {
    /** The longest latency in whole seconds: by then a call in flight has ended. */
    int retryAfterSeconds() {
        return Math.max(1, (int) Math.ceil(latency.maxMs() / 1000.0));
    }
}
