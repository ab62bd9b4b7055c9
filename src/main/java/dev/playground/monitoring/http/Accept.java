package dev.playground.monitoring.http;

import io.micronaut.http.MediaType;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** The media ranges of an Accept header (RFC 9110, section 12.5.1). */
public final class Accept {
    private Accept() {}

    /** Of all ranges that match a type, the one that decides its quality. */
    public static Optional<MediaType> mostSpecific(Stream<MediaType> ranges) {
        return ranges.max(
                Comparator.comparing(Accept::specificity)
                        .thenComparing(MediaType::getQualityAsNumber));
    }

    public static int specificity(MediaType range) {
        if (range.getType().equals("*")) {
            return 0;
        }
        return range.getSubtype().equals("*") ? 1 : 2;
    }

    /** Without parameters. */
    public static boolean matches(MediaType range, MediaType type) {
        return range.matchesType(type.getType()) && range.matchesSubtype(type.getSubtype());
    }
}
