package dev.playground.monitoring.trace;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The position of a request in a trace: the header {@code traceparent} of W3C Trace Context,
 * version 00.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero: the whole request, across services
 * @param spanId 16 such digits: this service's part of it
 * @param flags two hexadecimal digits: the flags of the caller that the standard defines; 01: the
 *     caller records the trace
 */
public record TraceContext(String traceId, String spanId, String flags) {
    /** The name of the trace id in the MDC, in structured metadata and in an exemplar. */
    public static final String TRACE_ID = "trace_id";

    private static final String ATTRIBUTE = TraceContext.class.getName();

    /** {@code version-traceid-parentid-flags}. */
    private static final int LENGTH_OF_VERSION_00 = 55;

    private static final String VERSION = "00";
    private static final String NOT_SAMPLED = "00";

    /**
     * The defined flags: 1, sampled; 2, random trace id (Level 2 of the standard). All others must
     * be set to zero (section 3.2.2.5.2).
     */
    private static final int KNOWN_FLAGS = 3;

    /** The trace of a request that has passed {@link TraceFilter}. */
    public static TraceContext of(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, TraceContext.class).orElseThrow();
    }

    void attachTo(HttpRequest<?> request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    static TraceContext start() {
        return new TraceContext(randomHex() + randomHex(), randomHex(), NOT_SAMPLED);
    }

    /**
     * Continues the caller's trace with a new span.
     *
     * @param traceparent the caller's header; when it is absent or malformed, a new trace starts
     *     (section 4.3 of the standard)
     */
    static TraceContext resume(@Nullable String traceparent) {
        if (traceparent == null || !isValid(traceparent)) {
            return start();
        }
        // The known flags are in the second digit.
        int flags = HexFormat.fromHexDigit(traceparent.charAt(54)) & KNOWN_FLAGS;
        return new TraceContext(traceparent.substring(3, 35), randomHex(), "0" + flags);
    }

    /** The header for this request. */
    String traceparent() {
        return VERSION + '-' + traceId + '-' + spanId + '-' + flags;
    }

    private static boolean isValid(String header) {
        int length = header.length();
        if (length < LENGTH_OF_VERSION_00
                || header.charAt(2) != '-'
                || header.charAt(35) != '-'
                || header.charAt(52) != '-'
                || !isHex(header, 0, 2)
                || !isHex(header, 53, 55)
                || !isId(header, 3, 35)
                || !isId(header, 36, 52)) {
            return false;
        }
        String version = header.substring(0, 2);
        if (version.equals(VERSION)) {
            return length == LENGTH_OF_VERSION_00;
        }
        // A later version may append fields. ff is invalid.
        return !version.equals("ff")
                && (length == LENGTH_OF_VERSION_00 || header.charAt(LENGTH_OF_VERSION_00) == '-');
    }

    /** Hexadecimal, and not all zero. */
    private static boolean isId(String header, int from, int to) {
        if (!isHex(header, from, to)) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (header.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }

    private static boolean isHex(String header, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = header.charAt(i);
            // The standard allows only lower case.
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    /** 16 hexadecimal digits, not all zero. */
    private static String randomHex() {
        long bits;
        do {
            bits = ThreadLocalRandom.current().nextLong();
        } while (bits == 0);
        return HexFormat.of().toHexDigits(bits);
    }
}
