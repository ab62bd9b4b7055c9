package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A LogQL expression of the project.
 *
 * @param where who asks it
 * @param expr with Grafana's variables in it
 */
public record LogQl(String where, String expr) {
    private static final Pattern BLOCK = Pattern.compile("(?s)```logql\\n(.*?)```");

    /** Those of panels, links and pages. */
    public static List<LogQl> all() throws IOException {
        return Stream.of(panels(), links(), pages()).flatMap(all -> all).toList();
    }

    public static Stream<LogQl> panels() {
        return Dashboard.queries("loki").map(query -> new LogQl(query.toString(), query.expr()));
    }

    private static Stream<LogQl> links() {
        return Stream.concat(ExploreLink.ofGraphs(), Datasources.linksToLines())
                .flatMap(ExploreLink::expressions)
                .map(expr -> new LogQl("a link of Grafana", expr));
    }

    private static Stream<LogQl> pages() throws IOException {
        return Project.pages().stream()
                .flatMap(
                        page ->
                                BLOCK.matcher(Project.text(page))
                                        .results()
                                        .map(
                                                block ->
                                                        new LogQl(
                                                                page.getFileName().toString(),
                                                                block.group(1))));
    }

    /** As Loki gets it: Grafana's variables replaced. */
    public String substituted(String instance) {
        return expr.replace("$__auto", "5m")
                .replace("$instance", instance)
                .replace("${instance:pipe}", instance)
                .replace("${__value.raw}", "0af7651916cd43dd8448eb211c80319c");
    }

    @Override
    public String toString() {
        return where;
    }
}
