package dev.playground.monitoring.charts;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Project;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's charts, as Helm itself renders them. */
public final class Charts {
    public static final List<String> NAMES = List.of("backend", "monitoring");

    /** Unlike what the README calls them: nothing may lean on a name. */
    public static final String RELEASE = "rel";

    public static final String NAMESPACE = "some-namespace";

    private static final Pattern HOOK = Pattern.compile("(?m)^ +helm\\.sh/hook.*\n");

    private static final Map<String, Path> COPIES = new ConcurrentHashMap<>();

    private Charts() {}

    /** A chart with the values of one file of its folder ci/. */
    public record Scenario(String chart, Path values) {
        public static Scenario of(String chart, String name) {
            return new Scenario(chart, folder(chart).resolve("ci/" + name + "-values.yaml"));
        }

        String render() {
            return template(chart).withValuesFile(values).call();
        }

        public List<HasMetadata> objects() {
            return KubernetesObjects.parse(render());
        }

        @Override
        public String toString() {
            return chart + ": " + values.getFileName();
        }
    }

    public static Stream<Scenario> scenarios() {
        return NAMES.stream().flatMap(Charts::scenarios);
    }

    public static Stream<Scenario> scenarios(String chart) {
        try (Stream<Path> files = Files.list(folder(chart).resolve("ci"))) {
            return files
                    .sorted(Comparator.naturalOrder())
                    .map(file -> new Scenario(chart, file))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path folder(String chart) {
        return Project.TOP.resolve("helm").resolve(chart);
    }

    public static TemplateCommand template(String chart) {
        return helm(chart).template().withName(RELEASE).withNamespace(NAMESPACE);
    }

    public static Helm helm(String chart) {
        return new Helm(COPIES.computeIfAbsent(chart, Charts::copy));
    }

    private static Path copy(String chart) {
        try {
            return copy(chart, Files.createTempDirectory("chart"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Without links: Helm prints a line for each link each time, and there are hundreds of times.
     * And with the pods of {@code helm test} as ordinary objects: Helm renders no hook.
     */
    public static Path copy(String chart, Path into) throws IOException {
        Path from = folder(chart);
        try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            Path to = into.resolve(chart);
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (file.getParent().endsWith("templates/tests")) {
                    Files.writeString(copy, HOOK.matcher(Files.readString(file)).replaceAll(""));
                } else {
                    Files.copy(file, copy);
                }
            }
            return to;
        }
    }

    /** The content of a ConfigMap among the objects of a chart. */
    public static Map<String, String> configMap(List<HasMetadata> objects, String name) {
        return KubernetesObjects.one(objects, ConfigMap.class, name).getData();
    }
}
