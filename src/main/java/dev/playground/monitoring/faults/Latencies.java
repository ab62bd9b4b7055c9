package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The distributions of the fault {@code latency}, next to {@link Latency.AnyOf}. */
final class Latencies {
    static final int MAX_ITEMS = 20;

    private Latencies() {}

    /** From the field {@code latency}; null for an invalid one. */
    @Nullable
    static Latency read(JsonNode json) {
        if (!json.isObject() || json.size() != 1) {
            return null;
        }
        Map.Entry<String, JsonNode> only = json.entries().iterator().next();
        List<Integer> ms = millis(durations(only.getKey(), only.getValue()));
        if (ms.isEmpty()) {
            return null;
        }
        boolean isRange = ms.size() == 2 && ms.get(0) <= ms.get(1);
        return switch (only.getKey()) {
            case "uniform" -> isRange ? new Uniform(ms.get(0), ms.get(1)) : null;
            case "longTail" -> isRange && ms.get(0) > 0 ? new LongTail(ms.get(0), ms.get(1)) : null;
            default -> ms.size() <= MAX_ITEMS ? new Latency.AnyOf(ms) : null;
        };
    }

    private static List<JsonNode> durations(String kind, JsonNode json) {
        List<JsonNode> durations = new ArrayList<>();
        switch (kind) {
            case "fixed" -> durations.add(json);
            case "list", "uniform" -> {
                if (json.isArray()) {
                    json.values().forEach(durations::add);
                }
            }
            case "longTail" -> {
                if (json.isObject() && json.size() == 2) {
                    durations.add(json.get("median"));
                    durations.add(json.get("p99"));
                }
            }
            default -> {}
        }
        return durations;
    }

    /** Empty if any is invalid. */
    private static List<Integer> millis(List<JsonNode> durations) {
        List<Integer> millis = new ArrayList<>();
        for (JsonNode text : durations) {
            Duration duration =
                    text != null && text.isString()
                            ? Durations.parse(
                                    text.getStringValue(), Duration.ZERO, Durations.MAX_LATENCY)
                            : null;
            if (duration == null) {
                return List.of();
            }
            millis.add((int) duration.toMillis());
        }
        return millis;
    }

    /** The value at {@code progress}, from 0 to 1, of the way between two values. */
    static double between(double first, double last, double progress) {
        return first + (last - first) * progress;
    }

    /** Both bounds are included. */
    record Uniform(int minMs, int maxMs) implements Latency {
        @Override
        public int drawMs(RandomGenerator random) {
            return random.nextInt(minMs, maxMs + 1);
        }

        @Override
        public double meanMs() {
            return (minMs + maxMs) / 2.0;
        }
    }

    /** Log-normal. Values above {@link Latency#LIMIT_MS} are reduced to that. */
    record LongTail(int medianMs, int p99Ms) implements Latency {
        /** The 99th percentile of the standard normal distribution. */
        private static final double Z99 = 2.3263478740408408;

        private double at(double z) {
            return Math.min(LIMIT_MS, medianMs * Math.pow((double) p99Ms / medianMs, z / Z99));
        }

        @Override
        public int drawMs(RandomGenerator random) {
            return (int) Math.round(at(random.nextGaussian()));
        }

        /** Integrates over the standard normal distribution, because of the limit. */
        @Override
        public double meanMs() {
            double step = 0.01;
            double sum = 0;
            for (double z = -8; z <= 8; z += step) {
                sum += at(z) * Math.exp(-z * z / 2);
            }
            return sum * step / Math.sqrt(2 * Math.PI);
        }

        @Override
        public int maxMs() {
            return LIMIT_MS;
        }
    }

    /** Between two distributions, for a ramp. */
    record Between(Latency from, Latency to, double progress) implements Latency {
        @Override
        public int drawMs(RandomGenerator random) {
            int first = from.drawMs(random);
            return (int) Math.round(between(first, to.drawMs(random), progress));
        }

        @Override
        public double meanMs() {
            return between(from.meanMs(), to.meanMs(), progress);
        }

        @Override
        public int maxMs() {
            return Math.max(from.maxMs(), to.maxMs());
        }
    }
}
