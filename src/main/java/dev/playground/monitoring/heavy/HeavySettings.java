package dev.playground.monitoring.heavy;

import dev.playground.monitoring.Setting;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Value;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * The knobs of the simulated work. Read, and checked, when the service starts: a bad value stops
 * the start with a sentence that names the variable. The defaults stand in application.yml.
 */
@Context
final class HeavySettings {
    /** Below micronaut.server.idle-timeout, which would end the connection of a longer call. */
    static final int MAX_LATENCY_MS = 50_000;

    private static final String LATENCIES = "HEAVY_LATENCIES_MS";
    private static final String ERROR_RATE = "HEAVY_ERROR_RATE";
    private static final String ERROR_CAUSES = "HEAVY_ERROR_CAUSES";
    private static final String MAX_IN_FLIGHT = "HEAVY_MAX_IN_FLIGHT";
    private static final String SEED = "HEAVY_SEED";

    private final List<Integer> latenciesMs;
    private final double errorRate;
    private final List<String> errorCauses;
    private final int maxInFlight;
    private final OptionalLong seed;

    HeavySettings(
            @Value("${heavy.latencies-ms}") String latenciesMs,
            @Value("${heavy.error-rate}") String errorRate,
            @Value("${heavy.error-causes}") String errorCauses,
            @Value("${heavy.max-in-flight}") String maxInFlight,
            @Value("${heavy.seed}") String seed) {
        this.latenciesMs =
                Setting.parse(
                        LATENCIES,
                        latenciesMs,
                        "whole numbers of milliseconds from 0 to %d, separated by commas"
                                .formatted(MAX_LATENCY_MS),
                        HeavySettings::latencies);
        this.errorRate =
                Setting.parse(
                        ERROR_RATE, errorRate, "a number from 0 to 1", HeavySettings::probability);
        this.errorCauses =
                Setting.parse(
                        ERROR_CAUSES,
                        errorCauses,
                        "one or more causes, separated by commas",
                        HeavySettings::list);
        this.maxInFlight = Setting.wholeNumber(MAX_IN_FLIGHT, maxInFlight, 1, 1_000_000);
        this.seed =
                Setting.parse(
                        SEED,
                        seed,
                        "a whole number, or nothing for another sequence at each start",
                        HeavySettings::seed);
    }

    private static List<Integer> latencies(String text) {
        return list(text).stream()
                .map(
                        latency -> {
                            int ms = Integer.parseInt(latency);
                            Setting.require(ms >= 0 && ms <= MAX_LATENCY_MS);
                            return ms;
                        })
                .toList();
    }

    private static double probability(String text) {
        double probability = Double.parseDouble(text);
        // Written so that NaN is refused too.
        Setting.require(probability >= 0 && probability <= 1);
        return probability;
    }

    private static List<String> list(String text) {
        // The limit keeps empty items at the end, for the check to see.
        List<String> items = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        Setting.require(items.stream().noneMatch(String::isEmpty));
        return items;
    }

    private static OptionalLong seed(String text) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    int longestLatencyMs() {
        return latenciesMs.stream().mapToInt(Integer::intValue).max().orElseThrow();
    }

    int maxInFlight() {
        return maxInFlight;
    }

    OptionalLong seed() {
        return seed;
    }

    /** What one call is going to be: the error rate first, then one latency or one cause. */
    Outcome draw(RandomGenerator random) {
        if (random.nextDouble() < errorRate) {
            return new Outcome.Failure(errorCauses.get(random.nextInt(errorCauses.size())));
        }
        return new Outcome.Success(latenciesMs.get(random.nextInt(latenciesMs.size())));
    }

    sealed interface Outcome {
        /** Answered after {@code latencyMs} milliseconds. */
        record Success(int latencyMs) implements Outcome {}

        /** Answered at once, with an error. */
        record Failure(String cause) implements Outcome {}
    }
}
