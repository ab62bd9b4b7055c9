package dev.playground.monitoring.rules;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A rule of Prometheus, from its file. */
public record Rule(Path file, boolean alert, String name, String expr, Map<String, Object> yaml) {
    public static List<Rule> all() {
        try (Stream<Path> files = Files.list(Project.FILES.resolve("prometheus/rules"))) {
            return files.sorted().flatMap(Rule::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Rule> alerts() {
        return all().stream().filter(Rule::alert).toList();
    }

    private static Stream<Rule> read(Path file) {
        return Project.maps(Project.yaml(file), "groups").stream()
                .flatMap(group -> Project.maps(group, "rules").stream())
                .map(
                        rule -> {
                            boolean alert = rule.containsKey("alert");
                            return new Rule(
                                    file,
                                    alert,
                                    (String) rule.get(alert ? "alert" : "record"),
                                    (String) rule.get("expr"),
                                    rule);
                        });
    }

    /** Whether it fires whatever happens. */
    public boolean alwaysFires() {
        return expr.equals("vector(1)");
    }

    @Override
    public String toString() {
        return name;
    }
}
