package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A query of the project.
 *
 * @param language promql or logql
 * @param where who asks it
 * @param expr with Grafana's variables replaced
 */
public record Expression(String language, String where, String expr) {
    private static final Pattern BLOCK = Pattern.compile("(?s)```(promql|logql)\\n(.*?)```");

    /** Those of panels, variables, rules, links and pages. */
    public static List<Expression> all() {
        return Stream.of(panels(), variables(), rules(), links(), pages())
                .flatMap(expressions -> expressions)
                .toList();
    }

    private static Stream<Expression> panels() {
        return Dashboard.queries().map(Dashboard.Query::expression);
    }

    private static Stream<Expression> variables() {
        return Dashboard.all().stream()
                .flatMap(dashboard -> dashboard.variables().stream())
                .map(
                        variable ->
                                new Expression(
                                        "promql",
                                        variable.toString(),
                                        "sum by (%s) (%s)"
                                                .formatted(variable.label(), variable.selector())));
    }

    public static Stream<Expression> rules() {
        return Rule.all().stream().map(rule -> new Expression("promql", rule.name(), rule.expr()));
    }

    private static Stream<Expression> links() {
        return Stream.concat(ExploreLink.ofGraphs(), Datasources.linksToLines())
                .flatMap(link -> link.expressions("backend", "0af7651916cd43dd8448eb211c80319c"))
                .map(expr -> new Expression("logql", "a link of Grafana", expr));
    }

    private static Stream<Expression> pages() {
        return Project.pages().stream()
                .flatMap(
                        page ->
                                BLOCK.matcher(Project.text(page))
                                        .results()
                                        .map(
                                                block ->
                                                        new Expression(
                                                                block.group(1),
                                                                page.getFileName().toString(),
                                                                block.group(2))));
    }

    /** What the grammars of the two languages find in each of these. */
    public static Map<Expression, Syntax> parse(List<Expression> expressions) {
        JsonNode input =
                JsonNode.from(
                        expressions.stream()
                                .map(e -> Map.of("language", e.language, "expr", e.expr))
                                .toList());
        String output = NodeScripts.run("expressions.mjs", Json.text(input));
        List<JsonNode> found = Json.list(Json.parse(output));
        Map<Expression, Syntax> syntax = new HashMap<>();
        for (int i = 0; i < expressions.size(); i++) {
            syntax.put(expressions.get(i), new Syntax(found.get(i)));
        }
        return syntax;
    }

    @Override
    public String toString() {
        return where + ": " + expr;
    }

    /** What src/test/js/expressions.mjs finds in an expression. */
    public record Syntax(JsonNode json) {
        /** Empty if the expression parses. */
        public String error() {
            return Json.string(json, "error");
        }

        public List<Selector> selectors() {
            return Json.list(json, "selectors").stream().map(Selector::of).toList();
        }

        /** Of {@code by (...)}, {@code on (...)} and the like. */
        public Set<String> grouping() {
            return Set.copyOf(Json.strings(Json.at(json, "grouping")));
        }

        /** Those that parser stages of LogQL make. */
        public Set<String> extracted() {
            return Set.copyOf(Json.strings(Json.at(json, "extracted")));
        }

        /** Of selectors, filters and groupings. */
        public Set<String> labels() {
            Set<String> labels = new HashSet<>(grouping());
            selectors().forEach(selector -> labels.addAll(selector.labels()));
            return labels;
        }
    }

    /**
     * @param metric empty in LogQL
     * @param text as written, with what is in braces
     */
    public record Selector(String metric, String text, List<String> labels) {
        private static Selector of(JsonNode json) {
            return new Selector(
                    Json.string(json, "metric"),
                    Json.string(json, "text"),
                    Json.strings(Json.at(json, "labels")));
        }
    }
}
