package dev.playground.monitoring.testkit;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of {@code /metrics}, in either format, parsed. */
public record Exposition(String text) {
    private static final Pattern SAMPLE =
            Pattern.compile(
                    "(?<name>\\w+)(\\{(?<labels>([^\"}]|\"([^\"\\\\]|\\\\.)*\")*)})? (?<value>\\S+)"
                            + "( # \\{trace_id=\"(?<trace>\\w+)\"} (?<exemplar>\\S+) \\S+)?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");

    public List<Sample> samples() {
        return samples("");
    }

    /** The samples with this prefix of their name. */
    public List<Sample> samples(String prefix) {
        return text.lines()
                .filter(line -> !line.startsWith("#") && line.startsWith(prefix))
                .map(Exposition::sample)
                .toList();
    }

    /** The value of each series with this name. */
    public Map<Map<String, String>, Double> values(String name) {
        return samples(name).stream().collect(Collectors.toMap(Sample::labels, Sample::value));
    }

    /** The declared metric families, in order. */
    public List<Family> families() {
        return TYPE.matcher(text)
                .results()
                .map(type -> new Family(type.group(1), type.group(2)))
                .toList();
    }

    private static Sample sample(String line) {
        Matcher sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
            throw new IllegalArgumentException("Not a sample: " + line);
        }
        Map<String, String> labels = new TreeMap<>();
        if (sample.group("labels") != null) {
            LABEL.matcher(sample.group("labels"))
                    .results()
                    .forEach(label -> labels.put(label.group(1), label.group(2)));
        }
        return new Sample(
                sample.group("name"),
                labels,
                Double.parseDouble(sample.group("value").replace("Inf", "Infinity")),
                sample.group("trace") == null
                        ? null
                        : new Exemplar(
                                sample.group("trace"),
                                Double.parseDouble(sample.group("exemplar"))));
    }

    /** The exemplar is null where there is none. */
    public record Sample(
            String name, Map<String, String> labels, double value, Exemplar exemplar) {}

    public record Exemplar(String traceId, double value) {}

    public record Family(String name, String type) {}
}
