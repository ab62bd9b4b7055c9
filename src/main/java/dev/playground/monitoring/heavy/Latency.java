package dev.playground.monitoring.heavy;

import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** A distribution of latencies, in milliseconds. */
public interface Latency {
    /** The maximum of any distribution: below micronaut.server.idle-timeout. */
    int LIMIT_MS = 50_000;

    /** From 0 to {@link #maxMs()}. */
    int drawMs(RandomGenerator random);

    double meanMs();

    int maxMs();

    /** Each latency of the list with the same probability. */
    record AnyOf(List<Integer> ms) implements Latency {
        @Override
        public int drawMs(RandomGenerator random) {
            return ms.get(random.nextInt(ms.size()));
        }

        @Override
        public double meanMs() {
            return ms.stream().mapToInt(Integer::intValue).average().orElseThrow();
        }

        @Override
        public int maxMs() {
            return Collections.max(ms);
        }
    }
}
