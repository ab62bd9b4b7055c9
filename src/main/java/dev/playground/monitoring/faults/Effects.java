package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The effects of a document at one moment.
 *
 * @param normal the behaviour without faults
 * @param progress of the ramp, from 0 to 1
 * @param left until the end, positive
 * @param seeded null without a seed
 */
record Effects(
        FaultDocument document,
        Behaviour normal,
        double progress,
        Duration left,
        @Nullable Random seeded) {
    static final int BYTES_PER_MB = 1 << 20;

    Effects afterRamp() {
        return new Effects(document, normal, 1, left, seeded);
    }

    Behaviour behaviour() {
        return new Behaviour(
                errorRate(),
                document.causes().isEmpty() ? normal.causes() : document.causes(),
                latency(),
                normal.failureLatencyMs(),
                seeded == null ? normal.seeded() : seeded);
    }

    private double errorRate() {
        return document.errorRate() == null
                ? normal.errorRate()
                : Latencies.between(normal.errorRate(), document.errorRate(), progress);
    }

    private Latency latency() {
        if (document.latency() == null) {
            return normal.latency();
        }
        Latency last = document.latency().distribution();
        return progress < 1 ? new Latencies.Between(normal.latency(), last, progress) : last;
    }

    /** In cores. */
    double cpu() {
        return document.cpu() * progress;
    }

    int memoryMb() {
        return (int) Math.ceil(document.memoryMb() * progress);
    }

    /** The value of a metric, in its base unit. */
    double value(Fault fault) {
        if (!document.has(fault)) {
            return 0;
        }
        return switch (fault) {
            case ERROR_RATE -> errorRate();
            case LATENCY -> latency().meanMs() / 1000;
            case CAUSES -> document.causes().size();
            case CPU -> cpu();
            case MEMORY -> (double) memoryMb() * BYTES_PER_MB;
            case UNREADY -> 1;
        };
    }

    /** The fields {@code faults} and {@code target} of a response. */
    Map<String, JsonNode> json() {
        Map<String, JsonNode> json = new LinkedHashMap<>();
        for (Fault fault : Fault.values()) {
            if (document.has(fault)) {
                switch (fault) {
                    case ERROR_RATE -> json.put("errorRate", JsonNode.from(errorRate()));
                    case LATENCY -> json.put("latency", document.latency().json());
                    case CAUSES -> json.put("causes", JsonNode.from(document.causes()));
                    case CPU -> json.put("cpu", JsonNode.from(cpu()));
                    case MEMORY -> json.put("memory", JsonNode.from(memoryMb()));
                    case UNREADY -> json.put("unready", JsonNode.from(true));
                }
            }
        }
        return json;
    }
}
