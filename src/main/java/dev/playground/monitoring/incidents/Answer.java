package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.InvalidRequestException;
import dev.playground.monitoring.faults.JsonBody;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpStatus;
import io.micronaut.json.tree.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The body of an answer, valid.
 *
 * @param start null if not given
 * @param traceId null if not given
 */
record Answer(Set<Fault> causes, @Nullable Instant start, @Nullable String traceId) {
    private static final String CAUSES = "causes";
    private static final String START = "start";
    private static final String TRACE_ID = "trace_id";

    private static final Map<String, Fault> LABELS =
            Arrays.stream(Fault.values()).collect(Collectors.toMap(Fault::label, fault -> fault));

    /** What each field accepts. */
    private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

    static {
        String labels =
                Arrays.stream(Fault.values()).map(Fault::label).collect(Collectors.joining(", "));
        EXPECTED.put(CAUSES, "a list of one or more of " + labels);
        EXPECTED.put(START, "a time of RFC 3339, such as 2026-11-26T20:00:00Z");
        EXPECTED.put(TRACE_ID, "32 lower-case hexadecimal digits");
    }

    static Answer read(byte[] json) {
        JsonBody body = JsonBody.read(json, EXPECTED);
        return new Answer(
                body.require(CAUSES, Answer::causes),
                body.get(START, Answer::time, null),
                body.get(TRACE_ID, Answer::traceId, null));
    }

    void rejectStartAfter(Instant now) {
        if (start != null && start.isAfter(now)) {
            throw new InvalidRequestException(
                    HttpStatus.BAD_REQUEST,
                    START,
                    JsonBody.invalidValue(start.toString()),
                    "a time that is not in the future, at most " + now);
        }
    }

    /** The body of a fix: the causes alone. */
    static Set<Fault> readFix(byte[] json) {
        return JsonBody.read(json, Map.of(CAUSES, EXPECTED.get(CAUSES)))
                .require(CAUSES, Answer::causes);
    }

    @Nullable
    private static Set<Fault> causes(JsonNode node) {
        Set<Fault> causes = EnumSet.noneOf(Fault.class);
        if (node.isArray()) {
            for (JsonNode label : node.values()) {
                Fault fault = label.isString() ? LABELS.get(label.getStringValue()) : null;
                if (fault == null || !causes.add(fault)) {
                    return null;
                }
            }
        }
        return causes.isEmpty() ? null : causes;
    }

    @Nullable
    private static Instant time(JsonNode node) {
        try {
            return node.isString() ? Instant.parse(node.getStringValue()) : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    @Nullable
    private static String traceId(JsonNode node) {
        return node.isString() && node.getStringValue().matches("[0-9a-f]{32}")
                ? node.getStringValue()
                : null;
    }
}
