package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinksTest {
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]*)#?([^)]*)\\)");
    private static final Pattern TEST = Pattern.compile("\\b[A-Z]\\w*[a-z](?:Test|IT|E2E)\\b");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    static Stream<Path> pages() throws IOException {
        return Stream.concat(
                Stream.of(Project.TOP.resolve("CONTRIBUTING.md")), Project.pages().stream());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksResolveToFilesAndHeadings(Path page) {
        assertThat(LINK.matcher(Project.text(page)).results())
                .allSatisfy(
                        link -> {
                            String path = link.group(1);
                            Path target = path.isEmpty() ? page : page.resolveSibling(path);
                            assertThat(target).as(link.group()).matches(Files::exists);
                            if (!link.group(2).isEmpty()) {
                                assertThat(HEADING.matcher(Project.text(target)).results())
                                        .extracting(heading -> anchor(heading.group(1)))
                                        .contains(link.group(2));
                            }
                        });
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testClassesExist(Path page) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();

            // A diff creates its files.
            String text = Project.text(page).replaceAll("(?sm)^```diff.*?^```", "");
            assertThat(TEST.matcher(text).results())
                    .map(match -> match.group() + ".java")
                    .isSubsetOf(names);
        }
    }

    /** The anchor that GitHub generates for a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase().replaceAll("[^\\w\\- ]", "").replace(' ', '-');
    }
}
