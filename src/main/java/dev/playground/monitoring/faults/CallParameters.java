package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** The outcome that one call requests: {@code /heavy-computation?latency=2s&fail=true}. */
final class CallParameters {
    private static final String LATENCY =
            "a duration from 0s to %s, such as 2s, once"
                    .formatted(Durations.format(Durations.MAX_LATENCY));
    private static final String FAIL = "true or false, once";

    private CallParameters() {}

    static Behaviour apply(Behaviour behaviour, HttpRequest<?> call) {
        Integer latencyMs = value(call, "latency", LATENCY, CallParameters::millis);
        Boolean fail = value(call, "fail", FAIL, CallParameters::bool);
        if (latencyMs == null && fail == null) {
            return behaviour;
        }
        JsonRequest.rejectCrossSite(call);
        return new Behaviour(
                fail == null ? behaviour.errorRate() : fail ? 1 : 0,
                behaviour.causes(),
                latencyMs == null ? behaviour.latency() : new Latency.AnyOf(List.of(latencyMs)),
                latencyMs == null ? behaviour.failureLatencyMs() : latencyMs,
                behaviour.seeded());
    }

    /** Null if the call does not have the parameter. */
    @Nullable
    private static <T> T value(
            HttpRequest<?> call, String name, String expected, Function<String, T> parser) {
        List<String> values = call.getParameters().getAll(name);
        if (values.isEmpty()) {
            return null;
        }
        T value = values.size() == 1 ? parser.apply(values.get(0)) : null;
        if (value == null) {
            throw new InvalidRequestException(
                    HttpStatus.BAD_REQUEST,
                    name,
                    JsonBody.invalidValue(String.join(", ", values)),
                    expected);
        }
        return value;
    }

    @Nullable
    private static Integer millis(String text) {
        Duration latency = Durations.parse(text, Duration.ZERO, Durations.MAX_LATENCY);
        return latency == null ? null : (int) latency.toMillis();
    }

    @Nullable
    private static Boolean bool(String text) {
        return text.matches("true|false") ? Boolean.valueOf(text) : null;
    }
}
