package dev.playground.monitoring.metrics;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.MediaType;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The two formats of {@code /metrics}; the better one first. */
enum ExpositionFormat {
    /** With exemplars. */
    OPENMETRICS("application/openmetrics-text", "1.0.0"),
    /** What every scraper reads. */
    PROMETHEUS_TEXT("text/plain", "0.0.4");

    private final MediaType type;
    private final String version;

    ExpositionFormat(String type, String version) {
        this.type = MediaType.of(type);
        this.version = version;
    }

    String contentType() {
        return "%s; version=%s; charset=utf-8".formatted(type.getName(), version);
    }

    /** Whether a response with this Content-Type, null when it has none, is an exposition. */
    static boolean isContentType(@Nullable String contentType) {
        return Arrays.stream(values()).anyMatch(f -> f.contentType().equals(contentType));
    }

    /**
     * What to answer (RFC 9110, section 12.5.1): the format that the client likes best, of two that
     * it likes the same the better one. A client that states no wish, or any type, is not known to
     * read OpenMetrics and gets the text.
     *
     * @param accept the media types of the Accept header; empty when there is none
     * @return empty when the client takes neither
     */
    static Optional<ExpositionFormat> negotiate(Collection<MediaType> accept) {
        if (accept.isEmpty()) {
            return Optional.of(PROMETHEUS_TEXT);
        }
        return Arrays.stream(values())
                .flatMap(format -> format.mostSpecific(accept).stream())
                .filter(match -> match.quality().signum() > 0)
                .max(
                        Comparator.comparing(Match::quality)
                                .thenComparing(Match::specificity)
                                .thenComparing(Match::preferred))
                .map(Match::format);
    }

    /** The range that speaks for this format: of all that match, the one that says most. */
    private Optional<Match> mostSpecific(Collection<MediaType> accept) {
        return accept.stream()
                .filter(this::matches)
                .map(range -> new Match(this, specificity(range), range.getQualityAsNumber()))
                .max(Comparator.comparing(Match::specificity).thenComparing(Match::quality));
    }

    private boolean matches(MediaType range) {
        return range.matchesType(type.getType())
                && range.matchesSubtype(type.getSubtype())
                && range.getParameters().get("version").map(version::equals).orElse(true);
    }

    private static int specificity(MediaType range) {
        if (range.getType().equals("*")) {
            return 0;
        }
        return range.getSubtype().equals("*") ? 1 : 2;
    }

    private record Match(ExpositionFormat format, int specificity, BigDecimal quality) {
        /** Between two that the client likes the same. */
        boolean preferred() {
            return format == (specificity == 0 ? PROMETHEUS_TEXT : OPENMETRICS);
        }
    }
}
