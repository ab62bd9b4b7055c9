package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Latency;
import io.micronaut.core.annotation.Nullable;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text: a whole number and a unit. */
final class Durations {
    static final Duration MAX_LATENCY = Duration.ofMillis(Latency.LIMIT_MS);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,8})(ms|s|m|h)");

    private Durations() {}

    /** Null for text that is no duration in these bounds, both of which are valid. */
    @Nullable
    static Duration parse(String text, Duration min, Duration max) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        Duration duration = unit(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
        return duration.compareTo(min) < 0 || duration.compareTo(max) > 0 ? null : duration;
    }

    private static Duration unit(String name) {
        return switch (name) {
            case "ms" -> Duration.ofMillis(1);
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            default -> Duration.ofHours(1);
        };
    }

    /** In the largest unit that gives a whole number. */
    static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        if (millis % 60_000 != 0 || millis == 0) {
            return millis / 1_000 + "s";
        }
        return millis % 3_600_000 == 0 ? millis / 3_600_000 + "h" : millis / 60_000 + "m";
    }
}
