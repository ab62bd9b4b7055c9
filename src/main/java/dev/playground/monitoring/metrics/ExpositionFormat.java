package dev.playground.monitoring.metrics;

import dev.playground.monitoring.http.Accept;
import io.micronaut.http.MediaType;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * The two formats of {@code /metrics}, in order of preference. Micronaut matches a route by media
 * types only: it ignores the parameter {@code version}, and cannot prefer the text format for a
 * client that accepts any type.
 */
enum ExpositionFormat {
    /** Has exemplars. */
    OPENMETRICS("application/openmetrics-text", "1.0.0"),
    /** Every scraper can parse it. */
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

    /**
     * Selects the format with the highest quality (RFC 9110, section 12.5.1), and OpenMetrics when
     * both have the same. A client without an Accept header, or one that accepts any type, may not
     * support OpenMetrics and gets the text format.
     *
     * @param accept the media types of the Accept header; empty when there is none
     * @return empty when the client accepts neither
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

    /** The most specific media range that matches this format decides its quality. */
    private Optional<Match> mostSpecific(Collection<MediaType> accept) {
        return Accept.mostSpecific(accept.stream().filter(this::matches))
                .map(
                        range ->
                                new Match(
                                        this,
                                        Accept.specificity(range),
                                        range.getQualityAsNumber()));
    }

    private boolean matches(MediaType range) {
        return Accept.matches(range, type)
                && range.getParameters().get("version").map(version::equals).orElse(true);
    }

    private record Match(ExpositionFormat format, int specificity, BigDecimal quality) {
        /** Decides between formats of the same quality. */
        boolean preferred() {
            return format == (specificity == 0 ? PROMETHEUS_TEXT : OPENMETRICS);
        }
    }
}
