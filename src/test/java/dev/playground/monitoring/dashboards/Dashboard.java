package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One of Grafana's dashboards, from its file. */
public record Dashboard(String file, JsonNode json) {
    /** The ids of two tiles of the service dashboard. */
    public static final int INSTANCES_UP = 2;

    public static final int P95 = 5;

    public static List<Dashboard> all() {
        return Project.files("grafana/dashboards").stream()
                .map(
                        file ->
                                new Dashboard(
                                        file.getFileName().toString(),
                                        Json.parse(Project.text(file))))
                .toList();
    }

    public String uid() {
        return Json.string(json, "uid");
    }

    public String title() {
        return Json.string(json, "title");
    }

    /** All but the headings of rows. */
    public List<Panel> panels() {
        return Json.list(json, "panels").stream()
                .map(panel -> new Panel(this, panel))
                .filter(panel -> !panel.type().equals("row"))
                .toList();
    }

    List<Variable> ownVariables() {
        return Json.list(json, "templating", "list").stream().map(Variable::of).toList();
    }

    static Stream<Variable> variables() {
        return all().stream().flatMap(dashboard -> dashboard.ownVariables().stream());
    }

    // playground:start
    /** An annotation, which is the same on all dashboards. */
    public static JsonNode annotation(String name) {
        List<JsonNode> found =
                all().stream()
                        .map(dashboard -> Json.list(dashboard.json, "annotations", "list").stream())
                        .map(list -> list.filter(a -> Json.string(a, "name").equals(name)))
                        .map(matching -> matching.findFirst().orElseThrow())
                        .distinct()
                        .toList();
        if (found.size() != 1) {
            throw new IllegalStateException("Different on the dashboards: " + found);
        }
        return found.get(0);
    }

    // playground:end

    public static Panel panel(String uid, int id) {
        return allPanels()
                .filter(panel -> panel.dashboard.uid().equals(uid))
                .filter(panel -> Json.number(panel.json, "id") == id)
                .findFirst()
                .orElseThrow();
    }

    public static Stream<Panel> allPanels() {
        return all().stream().flatMap(dashboard -> dashboard.panels().stream());
    }

    static Stream<Query> queries() {
        return allPanels().flatMap(panel -> panel.queries().stream());
    }

    /** Each query of each panel of all dashboards, to this data source. */
    static Stream<Query> queries(String datasource) {
        return queries().filter(query -> query.datasource().equals(datasource));
    }

    @Override
    public String toString() {
        return uid();
    }

    /**
     * A variable that offers the values of one label.
     *
     * @param selector of the series that have the label
     */
    record Variable(String name, String selector, String label) {
        private static final Pattern QUERY = Pattern.compile("label_values\\((.+), (\\w+)\\)");

        private static Variable of(JsonNode json) {
            MatchResult query =
                    QUERY.matcher(Json.string(json, "query", "query")).results().findFirst().get();
            return new Variable(Json.string(json, "name"), query.group(1), query.group(2));
        }
    }

    public record Panel(Dashboard dashboard, JsonNode json) {
        public String title() {
            return Json.string(json, "title");
        }

        String type() {
            return Json.string(json, "type");
        }

        public boolean isEmptyWhenHealthy() {
            return title().endsWith("(empty when healthy)");
        }

        public List<Query> queries() {
            return Json.list(json, "targets").stream().map(q -> new Query(this, q)).toList();
        }

        /** The colour that the thresholds give a value. */
        public String color(double value) {
            String color = "";
            for (JsonNode step :
                    Json.list(json, "fieldConfig", "defaults", "thresholds", "steps")) {
                // The first step has no value: it is for everything below the second.
                if (step.get("value").isNull() || step.get("value").getDoubleValue() <= value) {
                    color = Json.string(step, "color");
                }
            }
            return color;
        }

        /** The fixed colour of a series, by the last override that matches its name. */
        String colorOf(String series) {
            String color = "";
            for (JsonNode override : Json.list(json, "fieldConfig", "overrides")) {
                String name = Json.string(override, "matcher", "options");
                boolean matches =
                        Json.string(override, "matcher", "id").equals("byName")
                                ? name.equals(series)
                                : Pattern.compile(name.replaceAll("^/|/$", ""))
                                        .matcher(series)
                                        .find();
                for (JsonNode property : Json.list(override, "properties")) {
                    if (matches && Json.string(property, "id").equals("color")) {
                        color = Json.string(property, "value", "fixedColor");
                    }
                }
            }
            return color;
        }

        @Override
        public String toString() {
            return dashboard + " " + Json.number(json, "id") + " " + title();
        }
    }

    /** One query of a panel. */
    public record Query(Panel panel, JsonNode json) {
        String expr() {
            return Json.string(json, "expr");
        }

        /** As Grafana sends it, at a step of 5 s. */
        public String substituted(String instance, String route) {
            return expr().replace("$__rate_interval", "20s")
                    .replace("$__range", "15m")
                    .replace("$__auto", "5m")
                    .replace("$instance", instance)
                    .replace("$route", route);
        }

        Expression expression() {
            String language = datasource().equals("loki") ? "logql" : "promql";
            return new Expression(language, panel.toString(), substituted(".*", ".*"));
        }

        /** Whether single requests are shown as dots. */
        boolean hasExemplars() {
            return Json.at(json, "exemplar").equals(JsonNode.createBooleanNode(true));
        }

        public String datasource() {
            return Json.string(json, "datasource", "uid");
        }

        @Override
        public String toString() {
            return panel + ": " + expr();
        }
    }
}
