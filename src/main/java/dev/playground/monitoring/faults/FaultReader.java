package dev.playground.monitoring.faults;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.playground.monitoring.faults.FaultDocument.LatencyFault;
import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpStatus;
import io.micronaut.jackson.core.tree.JsonNodeTreeCodec;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads the body of {@code PUT /faults}. Each error names the field and what it accepts. */
final class FaultReader {
    private static final int MAX_MB =
            (int) (Runtime.getRuntime().maxMemory() / 5 / Effects.BYTES_PER_MB);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MAX_LASTS = Duration.ofHours(1);
    private static final Duration DEFAULT_LASTS = Duration.ofMinutes(5);

    /** Also the default. */
    private static final Duration MAX_UNREADY = Duration.ofMinutes(2);

    private static final int MAX_CAUSES = 10;
    private static final int MAX_TEXT = 100;

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

    private static final String FIELDS =
            "an object with some of the fields " + String.join(", ", EXPECTED.keySet());
    private static final String BODY = "body";

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // An error message has any text of the client, also unpaired surrogates.
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(5).build())
                    .build();

    private final JsonNode body;

    private FaultReader(JsonNode body) {
        this.body = body;
    }

    /**
     * @throws InvalidRequestException with status 400
     */
    static FaultDocument read(byte[] json) {
        return new FaultReader(parse(json)).document();
    }

    private static JsonNode parse(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            try {
                if (parser.nextToken() == null) {
                    throw invalid(BODY, "empty", FIELDS);
                }
                JsonNode body = JsonNodeTreeCodec.getInstance().readTree(parser);
                if (!body.isObject()) {
                    throw invalid(BODY, body, FIELDS);
                }
                if (parser.nextToken() != null) {
                    throw unreadable(parser, "more than one value");
                }
                return body;
            } catch (StreamConstraintsException e) {
                throw unreadable(parser, "too deep or too long JSON");
            } catch (IOException e) {
                boolean duplicate = e.getMessage().startsWith("Duplicate field");
                throw unreadable(parser, duplicate ? "duplicate field" : "invalid JSON");
            }
        } catch (IOException e) {
            throw invalid(BODY, "invalid JSON", FIELDS);
        }
    }

    /** Names the field of the body in which the parser stopped. */
    private static InvalidRequestException unreadable(JsonParser parser, String problem) {
        JsonStreamContext field = parser.getParsingContext();
        while (field.getParent() != null && !field.getParent().inRoot()) {
            field = field.getParent();
        }
        String name = field.getCurrentName();
        int column = parser.currentLocation().getColumnNr();
        return invalid(
                EXPECTED.containsKey(name) ? name : BODY,
                "%s at line %d, column %d"
                        .formatted(problem, parser.currentLocation().getLineNr(), column),
                EXPECTED.getOrDefault(name, FIELDS));
    }

    private FaultDocument document() {
        for (Map.Entry<String, JsonNode> field : body.entries()) {
            if (!EXPECTED.containsKey(field.getKey())) {
                String name = quoted(field.getKey());
                throw invalid(
                        shortened(name.substring(1, name.length() - 1)), "unknown field", FIELDS);
            }
        }
        boolean unready = get("unready", FaultReader::bool, false);
        Duration longest = unready ? MAX_UNREADY : MAX_LASTS;
        Duration lasts =
                get(
                        "for",
                        node -> duration(node, SECOND, longest),
                        unready ? MAX_UNREADY : DEFAULT_LASTS);
        FaultDocument document =
                new FaultDocument(
                        get("errorRate", node -> number(node, 0), null),
                        get("latency", FaultReader::latency, null),
                        get("causes", FaultReader::causes, List.of()),
                        get("cpu", node -> number(node, Double.MIN_VALUE), 0.0),
                        get("memory", FaultReader::megabytes, 0),
                        unready,
                        lasts,
                        get("ramp", node -> duration(node, Duration.ZERO, lasts), Duration.ZERO),
                        get("seed", FaultReader::whole, null));
        if (Stream.of(Fault.values()).noneMatch(document::has)) {
            throw invalid(BODY, "no fault", "a field other than for, ramp and seed");
        }
        return document;
    }

    /**
     * @param type returns null for a node that is invalid
     */
    private <T> T get(String name, Function<JsonNode, T> type, @Nullable T absent) {
        JsonNode node = body.get(name);
        if (node == null) {
            return absent;
        }
        T value = type.apply(node);
        if (value == null) {
            throw invalid(name, node, EXPECTED.get(name));
        }
        return value;
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
    private static Long whole(JsonNode node) {
        return node.isNumber()
                        && (node.getNumberValue() instanceof Integer
                                || node.getNumberValue() instanceof Long)
                ? node.getLongValue()
                : null;
    }

    @Nullable
    private static Integer megabytes(JsonNode node) {
        Long value = whole(node);
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

    private static InvalidRequestException invalid(String name, JsonNode value, String expected) {
        return invalid(name, "invalid value " + shortened(text(value)), expected);
    }

    private static InvalidRequestException invalid(String name, String problem, String expected) {
        return new InvalidRequestException(HttpStatus.BAD_REQUEST, name, problem, expected);
    }

    /** JSON in ASCII. */
    static String text(JsonNode node) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            JsonNodeTreeCodec.getInstance().writeTree(generator, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return text(JsonNode.createStringNode(text));
    }

    /** The problem of a parameter or a header. */
    static String invalidValue(String value) {
        return "invalid value " + shortened(quoted(value));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }
}
