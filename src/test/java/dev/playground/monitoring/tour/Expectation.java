package dev.playground.monitoring.tour;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a command of the tour must print, in the words of the page: texts between backticks, and a
 * number, which is the last word of the only line.
 *
 * @param limit from the last command that changed something
 */
record Expectation(String text, Duration limit, List<Predicate<String>> conditions) {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern LIMIT = Pattern.compile("within (\\d+)\\sseconds");
    private static final Pattern NUMBER =
            Pattern.compile(
                    "\\ba number from (?<from>[\\d.]+) to (?<to>[\\d.]+\\d)|\\ba number above"
                            + " (?<above>[\\d.]*\\d)|\\ba number below (?<below>[\\d.]*\\d)|\\bthe number"
                            + " (?<same>[\\d.]*\\d)");
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    static Expectation of(String text) {
        List<Predicate<String>> conditions = new ArrayList<>();
        QUOTED.matcher(text)
                .results()
                .map(quoted -> quoted.group(1))
                .forEach(quoted -> conditions.add(output -> output.contains(quoted)));
        String words = QUOTED.matcher(text).replaceAll("");
        NUMBER.matcher(words).results().forEach(number -> conditions.add(inBounds(number)));
        if (words.contains("no output")) {
            conditions.add(String::isEmpty);
        }
        if (conditions.isEmpty()) {
            throw new IllegalArgumentException("No expectation: " + text);
        }
        Duration limit =
                LIMIT.matcher(words)
                        .results()
                        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds.group(1))))
                        .findFirst()
                        .orElse(AT_ONCE);
        return new Expectation(text, limit, conditions);
    }

    private static Predicate<String> inBounds(MatchResult number) {
        double same = bound(number, 5, Double.NaN);
        double low = bound(number, 1, bound(number, 3, Double.NEGATIVE_INFINITY));
        double high = bound(number, 2, bound(number, 4, Double.POSITIVE_INFINITY));
        return output -> {
            double value = value(output);
            return Double.isNaN(same) ? value >= low && value <= high : value == same;
        };
    }

    private static double bound(MatchResult number, int group, double absent) {
        return number.group(group) == null ? absent : Double.parseDouble(number.group(group));
    }

    /** NaN if the output is anything else. */
    private static double value(String output) {
        String last = output.substring(output.lastIndexOf(' ') + 1);
        return output.contains("\n") || !last.matches("[-+\\d.e]*\\d")
                ? Double.NaN
                : Double.parseDouble(last);
    }

    boolean isMet(String output) {
        return conditions.stream().allMatch(condition -> condition.test(output));
    }
}
