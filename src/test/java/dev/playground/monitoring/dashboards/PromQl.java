package dev.playground.monitoring.dashboards;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What a PromQL expression names: enough of the grammar to find that, and no more. */
public final class PromQl {
    private static final Pattern TOKEN =
            Pattern.compile(
                    "\"(?:\\\\.|[^\"\\\\])*\"" // a string
                            + "|\\[[^]]*]" // a range
                            + "|[a-zA-Z_:][\\w:]*" // a name
                            + "|[\\d.]+\\w*" // a number or a duration
                            + "|\\S");
    private static final Set<String> GROUPINGS =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "offset", "bool");

    private final String expr;
    private final List<MatchResult> tokens;
    private final List<Selector> selectors = new ArrayList<>();
    private final Set<String> groupingLabels = new TreeSet<>();

    private PromQl(String expr) {
        this.expr = expr;
        tokens = TOKEN.matcher(expr).results().toList();
    }

    /** Reads an expression whose variables of Grafana are in strings and ranges only. */
    public static PromQl of(String expr) {
        PromQl read = new PromQl(expr);
        read.read();
        return read;
    }

    public List<Selector> selectors() {
        return selectors;
    }

    /** Of {@code by (...)}, {@code on (...)} and the like. */
    public Set<String> groupingLabels() {
        return groupingLabels;
    }

    private void read() {
        for (int i = 0; i < tokens.size(); i++) {
            String token = token(i);
            if (!Character.isLetter(token.charAt(0)) || OPERATORS.contains(token)) {
                continue;
            }
            if (GROUPINGS.contains(token)) {
                i = names(i + 1, ")", groupingLabels);
            } else if (!token(i + 1).equals("(") && !GROUPINGS.contains(token(i + 1))) {
                Set<String> labels = new TreeSet<>();
                int last = token(i + 1).equals("{") ? names(i + 1, "}", labels) : i;
                String text = expr.substring(tokens.get(i).start(), tokens.get(last).end());
                selectors.add(new Selector(token, text, labels));
                i = last;
            }
        }
    }

    /** Adds each name from an opening bracket on, and gives the index of the closing one. */
    private int names(int opening, String closing, Set<String> names) {
        int i = opening + 1;
        for (; !token(i).equals(closing); i++) {
            if (Character.isLetter(token(i).charAt(0))) {
                names.add(token(i));
            }
        }
        return i;
    }

    private String token(int i) {
        return i < tokens.size() ? tokens.get(i).group() : "";
    }

    /**
     * @param metric the name of the series
     * @param text as written, with what is in braces
     * @param labels those that it is chosen by
     */
    public record Selector(String metric, String text, Set<String> labels) {}
}
