package dev.playground.monitoring.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The diffs of docs/extending.md. A hunk applies where its old lines are, whatever their number.
 */
final class Diffs {
    private static final Pattern DIFF =
            Pattern.compile("(?ms)^```diff\n--- (\\S+)\n\\+\\+\\+ b/(\\S+)\n(.*?)^```$");

    private Diffs() {}

    /** Applies all diffs of the page of a service to the service. */
    static void apply(Path service) throws IOException {
        String page = Files.readString(service.resolve("docs/extending.md"));
        for (MatchResult diff : DIFF.matcher(page).results().toList()) {
            Path file = service.resolve(diff.group(2));
            String text = diff.group(1).equals("/dev/null") ? "" : Files.readString(file);
            for (String hunk : diff.group(3).split("(?m)^@@.*\n")) {
                String before = without("+", hunk);
                if (!text.isEmpty()) {
                    assertThat(text).as(file.toString()).containsOnlyOnce(before);
                }
                text =
                        text.isEmpty()
                                ? without("-", hunk)
                                : text.replace(before, without("-", hunk));
            }
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
    }

    /** The lines of one of the two sides. An empty line of a page is an empty line of both. */
    private static String without(String sign, String hunk) {
        return hunk.lines()
                .filter(line -> !line.startsWith(sign))
                .map(line -> line.substring(Math.min(1, line.length())) + "\n")
                .collect(Collectors.joining());
    }
}
