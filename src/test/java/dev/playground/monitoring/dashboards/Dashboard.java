package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One of Grafana's dashboards, from its file. */
public record Dashboard(String file, JsonNode json) {
    /** In the title of a panel that shows nothing while all is well. */
    public static final String EMPTY_WHEN_HEALTHY = "(empty when healthy)";

    public static List<Dashboard> all() {
        Path folder = Project.FILES.resolve("grafana/dashboards");
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted()
                    .map(
                            file ->
                                    new Dashboard(
                                            file.getFileName().toString(),
                                            Json.parse(Project.text(file))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    public List<Variable> variables() {
        return Json.list(json, "templating", "list").stream().map(Variable::new).toList();
    }

    /** Each query of each panel of all dashboards, to this data source. */
    public static Stream<Query> queries(String datasource) {
        return all().stream()
                .flatMap(dashboard -> dashboard.panels().stream())
                .flatMap(panel -> panel.queries().stream())
                .filter(query -> query.datasource().equals(datasource));
    }

    /** What a reader chooses by: the values of one label. */
    public record Variable(JsonNode json) {
        private static final Pattern LABEL_VALUES =
                Pattern.compile("label_values\\((.+), (\\w+)\\)");

        String name() {
            return Json.string(json, "name");
        }

        /** Of the series that have them. */
        public String selector() {
            return part(1);
        }

        public String label() {
            return part(2);
        }

        private String part(int group) {
            Matcher query = LABEL_VALUES.matcher(Json.string(json, "query", "query"));
            if (!query.matches()) {
                throw new IllegalStateException(json.toString());
            }
            return query.group(group);
        }

        @Override
        public String toString() {
            return name() + " of " + selector();
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
            return title().endsWith(EMPTY_WHEN_HEALTHY);
        }

        public List<Query> queries() {
            return Json.list(json, "targets").stream()
                    .map(target -> new Query(this, target))
                    .toList();
        }

        @Override
        public String toString() {
            return dashboard.title() + " / " + title();
        }
    }

    /** One expression of a panel. */
    public record Query(Panel panel, JsonNode json) {
        public String expr() {
            return Json.string(json, "expr");
        }

        /** As Grafana sends it, at a step of 5 s. */
        String substituted(String instance, String route) {
            return expr().replace("$__rate_interval", "20s")
                    .replace("$__range", "15m")
                    .replace("$__auto", "5m")
                    .replace("$instance", instance)
                    .replace("$route", route);
        }

        /** Whether single requests are shown as dots. */
        boolean hasExemplars() {
            JsonNode exemplar = json.get("exemplar");
            return exemplar != null && exemplar.getBooleanValue();
        }

        public String datasource() {
            return Json.string(json, "datasource", "uid");
        }

        String legend() {
            return Json.string(json, "legendFormat");
        }

        @Override
        public String toString() {
            return panel + ": " + expr();
        }
    }
}
