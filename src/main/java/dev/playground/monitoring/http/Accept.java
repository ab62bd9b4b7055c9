package dev.playground.monitoring.http;

import io.micronaut.http.MediaType;
import java.util.Collection;
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

    /** Whether a client accepts a type rather than another; false if it names both alike. */
    public static boolean prefers(Collection<MediaType> ranges, MediaType type, MediaType other) {
        MediaType best = range(ranges, type).orElse(null);
        if (best == null || best.getQualityAsNumber().signum() == 0) {
            return false;
        }
        return range(ranges, other)
                .map(
                        range ->
                                Comparator.comparing(MediaType::getQualityAsNumber)
                                                .thenComparing(Accept::specificity)
                                                .compare(best, range)
                                        > 0)
                .orElse(true);
    }

    /** The range that decides the quality of a type; empty if the client does not accept it. */
    static Optional<MediaType> range(Collection<MediaType> ranges, MediaType type) {
        return mostSpecific(ranges.stream().filter(range -> matches(range, type)));
    }
}
