package dev.playground.monitoring.trace;

import io.micronaut.core.annotation.Nullable;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request's place in a trace, as the header {@code traceparent} of W3C Trace Context, version
 * 00, writes it.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero: the whole request, across services
 * @param spanId 16 such digits: this service's part of it
 * @param flags two hexadecimal digits: of the bits that the caller set, those that the standard
 *     knows; 01: the caller records the trace
 */
public record TraceContext(String traceId, String spanId, String flags) {
    /** {@code version-traceid-parentid-flags}. */
    private static final int LENGTH_OF_VERSION_00 = 55;

    private static final String VERSION = "00";
    private static final String NOT_SAMPLED = "00";

    /**
     * The bits that have a meaning: 1, the caller records the trace; 2, its id is random (Level 2
     * of the standard). All others have to be set to zero (section 3.2.2.5.2).
     */
    private static final int KNOWN_FLAGS = 3;

    /** Begins a trace. */
    static TraceContext begin() {
        return new TraceContext(randomHex() + randomHex(), randomHex(), NOT_SAMPLED);
    }

    /**
     * Goes on with the caller's trace, under a span of our own.
     *
     * @param traceparent the caller's header; when it is absent or malformed a new trace begins, as
     *     section 4.3 of the standard asks
     */
    static TraceContext of(@Nullable String traceparent) {
        if (traceparent == null || !isValid(traceparent)) {
            return begin();
        }
        // The known bits are in the second digit.
        int flags = HexFormat.fromHexDigit(traceparent.charAt(54)) & KNOWN_FLAGS;
        return new TraceContext(traceparent.substring(3, 35), randomHex(), "0" + flags);
    }

    /** The header that says where this request stands. */
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
        // A version to come may add fields behind these four; ff is forbidden for ever.
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
            // The standard has no upper case.
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
