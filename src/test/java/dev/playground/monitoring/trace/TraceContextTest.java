package dev.playground.monitoring.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @ParameterizedTest
    @CsvSource({
        "00-" + TRACE + "-" + SPAN + "-01, 01",
        "00-" + TRACE + "-" + SPAN + "-00, 00",
        "00-" + TRACE + "-" + SPAN + "-03, 03",
        // Undefined flags.
        "00-" + TRACE + "-" + SPAN + "-ff, 03",
        "00-" + TRACE + "-" + SPAN + "-fc, 00",
        // A later version, with and without further fields.
        "01-" + TRACE + "-" + SPAN + "-01, 01",
        "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like, 01",
        "fe-" + TRACE + "-" + SPAN + "-01-, 01"
    })
    void resumesTraceOfValidHeaderWithNewSpan(String header, String flags) {
        TraceContext trace = TraceContext.resume(header);

        assertThat(trace.traceId()).isEqualTo(TRACE);
        assertThat(trace.flags()).isEqualTo(flags);
        assertThat(trace.spanId()).matches("[0-9a-f]{16}").isNotEqualTo(SPAN);
        assertThat(trace.traceparent())
                .isEqualTo("00-" + TRACE + "-" + trace.spanId() + "-" + flags);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "garbage",
                // Version 00 has exactly 55 characters.
                "00-" + TRACE + "-" + SPAN + "-0",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-011",
                "00-" + TRACE + "-" + SPAN + "-01-",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                " 00-" + TRACE + "-" + SPAN + "-01",
                // A later version separates further fields by a dash.
                "01-" + TRACE + "-" + SPAN + "-01.more",
                "01-" + TRACE + "-" + SPAN + "-011",
                // Invalid versions.
                "ff-" + TRACE + "-" + SPAN + "-01",
                "0g-" + TRACE + "-" + SPAN + "-01",
                "FE-" + TRACE + "-" + SPAN + "-01",
                // All zeros.
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                // Upper case.
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
                "00-" + TRACE + "-00F067AA0BA902B7-01",
                "00-" + TRACE + "-" + SPAN + "-0A",
                // Not hexadecimal.
                "00-4bf92f3577b34da6a3ce929d0e0e473x-" + SPAN + "-01",
                "00-" + TRACE + "-00f067aa0ba902b\u0660-01",
                "00-" + TRACE + "-" + SPAN + "-0.",
                // Other separators.
                "00_" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "_" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "_01"
            })
    void startsTraceWithoutValidHeader(String header) {
        TraceContext trace = TraceContext.resume(header);

        assertThat(trace.traceparent()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        assertThat(trace.traceId()).isNotEqualTo(TRACE);
        assertThat(TraceContext.resume(trace.traceparent()).traceId()).isEqualTo(trace.traceId());
    }

    @Test
    void eachNewTraceHasItsOwnId() {
        assertThat(IntStream.range(0, 10_000).mapToObj(i -> TraceContext.start().traceId()))
                .doesNotHaveDuplicates();
    }
}
