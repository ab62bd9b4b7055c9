package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Dashboard.Variable;
import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param where file and panel or rule
 * @param expr with Grafana's variables replaced
 */
record Expression(String language, String where, String expr) {
    private static final Pattern BLOCK = Pattern.compile("(?sm)^ *```(promql|logql)\\n(.*?)```");

    /** The expressions of panels, variables, rules, links and pages. */
    static List<Expression> all() {
        List<Expression> all = rules();
        Dashboard.queries().map(Query::expression).forEach(all::add);
        // playground:start
        for (String name : List.of("Faults", "Incidents")) {
            String band = Json.string(Dashboard.annotation(name), "expr");
            all.add(
                    new Expression(
                            "promql", "annotation " + name, band.replace("$__interval", "10s")));
        }
        // playground:end
        for (Variable variable : Dashboard.variables().toList()) {
            String expr = "sum by (%s) (%s)".formatted(variable.label(), variable.selector());
            all.add(new Expression("promql", variable.toString(), expr));
        }
        Stream.concat(ExploreLink.ofGraphs(), Datasources.linksToLines())
                .map(link -> link.expr("backend", "0af7651916cd43dd8448eb211c80319c"))
                .forEach(expr -> all.add(new Expression("logql", "a link of Grafana", expr)));
        for (Path page : Project.pages()) {
            String name = page.getFileName().toString();
            BLOCK.matcher(Project.text(page))
                    .results()
                    .map(block -> new Expression(block.group(1), name, block.group(2)))
                    .forEach(all::add);
        }
        return all;
    }

    static List<Expression> rules() {
        List<Expression> rules = new ArrayList<>();
        Rule.all().forEach(rule -> rules.add(new Expression("promql", rule.name(), rule.expr())));
        return rules;
    }

    /** What the grammars of the two languages find in each of these. */
    static Map<Expression, Syntax> parse(List<Expression> expressions) {
        String input =
                Json.text(JsonNode.from(expressions.stream().map(Expression::json).toList()));
        List<JsonNode> found = Json.list(Json.parse(NodeScripts.run("expressions.mjs", input)));
        Map<Expression, Syntax> syntax = new HashMap<>();
        for (int i = 0; i < expressions.size(); i++) {
            syntax.put(expressions.get(i), Syntax.of(found.get(i)));
        }
        return syntax;
    }

    private Map<String, String> json() {
        return Map.of("language", language, "expr", expr);
    }

    @Override
    public String toString() {
        return where + ": " + expr;
    }

    /**
     * What src/test/js/expressions.mjs finds in an expression.
     *
     * @param error empty if the expression parses
     * @param grouping the labels of {@code by (...)}, {@code on (...)} and the like
     * @param extracted the labels that parser stages of LogQL make
     */
    record Syntax(
            String error, List<Selector> selectors, Set<String> grouping, Set<String> extracted) {
        private static Syntax of(JsonNode json) {
            return new Syntax(
                    Json.string(json, "error"),
                    Json.list(json, "selectors").stream().map(Selector::of).toList(),
                    Set.copyOf(Json.strings(json.get("grouping"))),
                    Set.copyOf(Json.strings(json.get("extracted"))));
        }

        /** Of selectors, filters and groupings. */
        Set<String> labels() {
            Set<String> labels = new HashSet<>(grouping);
            selectors.forEach(selector -> labels.addAll(selector.labels()));
            return labels;
        }
    }

    /**
     * @param metric empty in LogQL
     * @param text as written, with what is in braces
     */
    record Selector(String metric, String text, List<String> labels) {
        private static Selector of(JsonNode json) {
            return new Selector(
                    Json.string(json, "metric"),
                    Json.string(json, "text"),
                    Json.strings(json.get("labels")));
        }
    }
}
