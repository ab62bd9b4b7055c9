package dev.playground.monitoring.metrics;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The codings of {@code /metrics}. Micronaut's {@code Compressor} would select snappy for {@code
 * *}.
 */
enum ContentCoding {
    GZIP,
    IDENTITY;

    private static final Pattern ELEMENT =
            Pattern.compile("\\s*(?:x-)?(gzip|identity|\\*)\\s*(?:;\\s*q=([01](?:\\.\\d*)?)\\s*)?");

    /**
     * Selects the coding with the higher quality (RFC 9110, section 12.5.3), and gzip when both
     * have the same.
     *
     * @param acceptEncoding the values of the headers
     * @return empty when the client accepts neither
     */
    static Optional<ContentCoding> negotiate(Collection<String> acceptEncoding) {
        Map<String, Double> qualities = new HashMap<>();
        for (String element : String.join(",", acceptEncoding).split(",")) {
            Matcher matcher = ELEMENT.matcher(element.toLowerCase(Locale.ROOT));
            if (matcher.matches()) {
                String quality = matcher.group(2);
                qualities.put(matcher.group(1), quality == null ? 1 : Double.parseDouble(quality));
            }
        }
        double gzip = qualities.getOrDefault("gzip", qualities.getOrDefault("*", 0.0));
        // An identity coding that is not listed is acceptable with the lowest quality.
        double identity =
                qualities.getOrDefault("identity", qualities.getOrDefault("*", Double.MIN_VALUE));
        if (gzip == 0 && identity == 0) {
            return Optional.empty();
        }
        return Optional.of(gzip >= identity ? GZIP : IDENTITY);
    }
}
