package dev.playground.monitoring.tour;

import dev.playground.monitoring.testkit.Project;
import io.micronaut.core.annotation.Nullable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A section of docs/tour.md. A step has one or more commands that change something, and then one or
 * more that check it: those with "See".
 *
 * @param text of the section
 */
record Exercise(String title, String text, List<Step> steps) {
    private static final Pattern COMMAND =
            Pattern.compile(
                    "(?s)```sh\\n(.*?)```\\s*(?:\\*\\*See:\\*\\* (.*?)(?:\\n\\n|\\n?\\z))?");

    /**
     * @param see null for a command that changes something
     */
    record Block(String command, @Nullable Expectation see) {}

    record Step(List<Block> changes, List<Block> checks) {}

    /** Those with a number. */
    static List<Exercise> all() {
        return sections().stream().filter(section -> section.title.matches("\\d\\. .*")).toList();
    }

    /** The commands that a reader runs once, without those that start the stack. */
    static List<Block> start() {
        Exercise start = sections().stream().filter(s -> s.title.equals("Start")).findFirst().get();
        return start.steps.get(0).changes.stream()
                .filter(block -> !block.command.contains("docker"))
                .toList();
    }

    private static List<Exercise> sections() {
        String[] sections = Project.text(Path.of("docs/tour.md")).split("(?m)^## ");
        return Arrays.stream(sections, 1, sections.length).map(Exercise::of).toList();
    }

    private static Exercise of(String section) {
        List<Step> steps = new ArrayList<>();
        Matcher matcher = COMMAND.matcher(section);
        while (matcher.find()) {
            boolean isChange = matcher.group(2) == null;
            if (steps.isEmpty() || isChange && !steps.get(steps.size() - 1).checks.isEmpty()) {
                steps.add(new Step(new ArrayList<>(), new ArrayList<>()));
            }
            Step step = steps.get(steps.size() - 1);
            Expectation see = isChange ? null : Expectation.of(matcher.group(2));
            (isChange ? step.changes : step.checks).add(new Block(matcher.group(1), see));
        }
        return new Exercise(section.lines().findFirst().orElse(""), section, steps);
    }

    /** Whether it queries Loki, which only the stack in Docker has. */
    boolean needsLoki() {
        return steps.stream()
                .flatMap(step -> step.checks.stream())
                .anyMatch(check -> check.command.matches("(?s).*(localhost:3100|src/ledger/).*"));
    }

    @Override
    public String toString() {
        return title;
    }
}
