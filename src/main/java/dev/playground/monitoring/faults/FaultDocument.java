package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The body of {@code PUT /faults}, valid.
 *
 * @param errorRate the share of calls that fail, from 0 to 1; null without this fault
 * @param latency null without this fault
 * @param causes for the log line of a failed call; empty without this fault
 * @param cpu in cores, at most 1; 0 without this fault
 * @param memoryMb in units of 1,048,576 bytes; 0 without this fault
 * @param unready whether the readiness is DOWN
 * @param lasts the field {@code for}
 * @param ramp the time in which numbers grow from their normal value
 * @param seed null for another sequence each time
 */
public record FaultDocument(
        @Nullable Double errorRate,
        @Nullable LatencyFault latency,
        List<String> causes,
        double cpu,
        int memoryMb,
        boolean unready,
        Duration lasts,
        Duration ramp,
        @Nullable Long seed) {
    /**
     * @param json as in the body
     */
    public record LatencyFault(Latency distribution, JsonNode json) {}

    /** The faults that it has, at least one. */
    public Set<Fault> faults() {
        return Stream.of(Fault.values())
                .filter(this::has)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
    }

    boolean has(Fault fault) {
        return switch (fault) {
            case ERROR_RATE -> errorRate != null;
            case LATENCY -> latency != null;
            case CAUSES -> !causes.isEmpty();
            case CPU -> cpu > 0;
            case MEMORY -> memoryMb > 0;
            case UNREADY -> unready;
        };
    }

    /** For a log line. */
    @Override
    public String toString() {
        return faults().stream()
                        .map(fault -> fault.label() + "=" + text(fault))
                        .collect(Collectors.joining(", "))
                + " for %ds, ramp %s".formatted(lasts.toSeconds(), Durations.format(ramp))
                + (seed == null ? "" : ", seed " + seed);
    }

    private String text(Fault fault) {
        return switch (fault) {
            case ERROR_RATE -> String.valueOf(errorRate);
            case LATENCY -> JsonBody.text(latency.json());
            case CAUSES -> causes.toString();
            case CPU -> String.valueOf(cpu);
            case MEMORY -> memoryMb + "MB";
            case UNREADY -> "true";
        };
    }
}
