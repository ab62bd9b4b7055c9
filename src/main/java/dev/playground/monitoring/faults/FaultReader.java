package dev.playground.monitoring.faults;

import dev.playground.monitoring.faults.FaultDocument.LatencyFault;
import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the body of {@code PUT /faults}. Each error names the field and what it accepts. */
public final class FaultReader {
    /** The maximum of the fault {@code memory}, in units of 1,048,576 bytes. */
    public static final int MAX_MB =
            (int) (Runtime.getRuntime().maxMemory() / 5 / Effects.BYTES_PER_MB);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MAX_LASTS = Duration.ofHours(1);
    private static final Duration DEFAULT_LASTS = Duration.ofMinutes(5);

    /** Also the default. */
    private static final Duration MAX_UNREADY = Duration.ofMinutes(2);

    /** The maximum length of a cause, in characters. */
    public static final int MAX_TEXT = 100;

    private static final int MAX_CAUSES = 10;

    /** What each field accepts. */
    private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

    static {
        EXPECTED.put("errorRate", "a number from 0 to 1");
        EXPECTED.put(
                "latency",
                "one of {\"fixed\": \"2s\"}, {\"list\": [\"100ms\", \"2s\"]} with 1 to "
                        + Latencies.MAX_ITEMS
                        + " items,"
                        + " {\"uniform\": [\"100ms\", \"900ms\"]},"
                        + " {\"longTail\": {\"median\": \"200ms\", \"p99\": \"5s\"}},"
                        + " with durations from 0s to "
                        + Durations.format(Durations.MAX_LATENCY));
        EXPECTED.put(
                "causes",
                "1 to "
                        + MAX_CAUSES
                        + " texts of 1 to "
                        + MAX_TEXT
                        + " characters, not blank, without control characters");
        EXPECTED.put("cpu", "a number of cores above 0, at most 1");
        EXPECTED.put("memory", "a whole number of MB from 1 to " + MAX_MB);
        EXPECTED.put("unready", "true or false");
        EXPECTED.put("for", "a duration from 1s to 1h, or to 2m with unready, such as 90s");
        EXPECTED.put("ramp", "a duration from 0s to the value of for, such as 30s");
        EXPECTED.put("seed", "a whole number of 64 bits");
    }

    private FaultReader() {}

    /**
     * @throws InvalidRequestException with status 400
     */
    public static FaultDocument read(byte[] json) {
        JsonBody body = JsonBody.read(json, EXPECTED);
        boolean unready = body.get("unready", FaultReader::bool, false);
        Duration longest = unready ? MAX_UNREADY : MAX_LASTS;
        Duration lasts =
                body.get(
                        "for",
                        node -> duration(node, SECOND, longest),
                        unready ? MAX_UNREADY : DEFAULT_LASTS);
        FaultDocument document =
                new FaultDocument(
                        body.get("errorRate", node -> number(node, 0), null),
                        body.get("latency", FaultReader::latency, null),
                        body.get("causes", FaultReader::causes, List.of()),
                        body.get("cpu", node -> number(node, Double.MIN_VALUE), 0.0),
                        body.get("memory", FaultReader::megabytes, 0),
                        unready,
                        lasts,
                        body.get(
                                "ramp",
                                node -> duration(node, Duration.ZERO, lasts),
                                Duration.ZERO),
                        body.get("seed", JsonBody::whole, null));
        if (document.faults().isEmpty()) {
            throw body.invalid("no fault", "a field other than for, ramp and seed");
        }
        return document;
    }

    @Nullable
    private static Boolean bool(JsonNode node) {
        return node.isBoolean() ? node.getBooleanValue() : null;
    }

    /** From {@code min} to 1. */
    @Nullable
    private static Double number(JsonNode node, double min) {
        return node.isNumber() && node.getDoubleValue() >= min && node.getDoubleValue() <= 1
                ? node.getDoubleValue()
                : null;
    }

    @Nullable
    private static Integer megabytes(JsonNode node) {
        Long value = JsonBody.whole(node);
        return value == null || value < 1 || value > MAX_MB ? null : value.intValue();
    }

    @Nullable
    private static Duration duration(JsonNode node, Duration min, Duration max) {
        return node.isString() ? Durations.parse(node.getStringValue(), min, max) : null;
    }

    @Nullable
    private static List<String> causes(JsonNode node) {
        List<String> causes = new ArrayList<>();
        if (node.isArray()) {
            node.values().forEach(item -> causes.add(item.isString() ? item.getStringValue() : ""));
        }
        boolean valid =
                !causes.isEmpty()
                        && causes.size() <= MAX_CAUSES
                        && causes.stream().allMatch(FaultReader::isCause);
        return valid ? List.copyOf(causes) : null;
    }

    /** Without line breaks, because it becomes part of a log line. */
    private static boolean isCause(String text) {
        return !text.isBlank()
                && text.length() <= MAX_TEXT
                && text.codePoints()
                        .noneMatch(
                                c ->
                                        Character.isISOControl(c)
                                                || Character.getType(c) == Character.SURROGATE);
    }

    @Nullable
    private static LatencyFault latency(JsonNode node) {
        Latency distribution = Latencies.read(node);
        return distribution == null ? null : new LatencyFault(distribution, node);
    }
}
