package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The project's own files, as the tests read them. Tests run in its top folder. */
public final class Project {
    public static final Path TOP = Path.of("").toAbsolutePath();

    /** The configuration that compose and the charts share. */
    public static final Path FILES = TOP.resolve("helm/monitoring/files");

    private Project() {}

    public static String text(Path file) {
        try {
            return Files.readString(TOP.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void write(String file, String text) throws IOException {
        Files.writeString(TOP.resolve(file), text);
    }

    public static Map<String, Object> yaml(Path file) {
        return new Yaml().load(text(file));
    }

    /** The files of one folder of the shared configuration, in the order of their names. */
    public static List<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FILES.resolve(folder))) {
            return files.sorted().toList();
        }
    }

    /** What people read: the README and the pages beside it. */
    public static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(TOP.resolve("docs"))) {
            return Stream.concat(Stream.of(TOP.resolve("README.md")), files.sorted())
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    public static Map<String, Object> compose() {
        return yaml(Path.of("docker-compose.yml"));
    }

    /** A file that compose holds inline. */
    public static String composeConfig(String name) {
        return (String) map(map(compose(), "configs"), name).get("content");
    }

    /** One step into a tree of maps. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> map(Map<String, Object> tree, String key) {
        return (Map<String, Object>) tree.get(key);
    }

    /** One step to a list of maps. */
    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> maps(Map<String, Object> tree, String key) {
        return (List<Map<String, Object>>) tree.getOrDefault(key, List.of());
    }
}
