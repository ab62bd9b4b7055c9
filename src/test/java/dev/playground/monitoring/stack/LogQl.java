package dev.playground.monitoring.stack;

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
record LogQl(String where, String expr) {
    private static final Pattern BLOCK = Pattern.compile("(?s)```logql\\n(.*?)```");

    /** Those of panels, links and pages. */
    static List<LogQl> all() throws IOException {
        return Stream.of(panels(), links(), pages()).flatMap(all -> all).toList();
    }

    static Stream<LogQl> panels() {
        return Dashboard.queries("loki").map(query -> new LogQl(query.toString(), query.expr()));
    }

    private static Stream<LogQl> links() {
        Stream<String> ofGraphs = ExploreLink.ofGraphs().flatMap(ExploreLink::expressions);
        Stream<String> ofSources =
                Stream.concat(
                                Datasources.exemplarLinks().stream(),
                                Datasources.derivedFields().stream())
                        .map(Datasources::url)
                        .filter(url -> ExploreLink.isOne(url) || url.startsWith("{"))
                        .flatMap(
                                url ->
                                        ExploreLink.isOne(url)
                                                ? ExploreLink.of(url).expressions()
                                                : Stream.of(url));
        return Stream.concat(ofGraphs, ofSources).map(expr -> new LogQl("a link of Grafana", expr));
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
    String substituted(String instance) {
        return expr.replace("$__auto", "5m")
                .replace("$instance", instance)
                .replace("${__value.raw}", "0af7651916cd43dd8448eb211c80319c");
    }

    @Override
    public String toString() {
        return where;
    }
}
