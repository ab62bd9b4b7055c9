package dev.playground.monitoring.stack;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Something that a test needs and a machine may lack. Without it the test is skipped, and standard
 * error says why, which Maven does not; it fails instead where {@code -D<name>.required=true} says
 * that the machine has it.
 */
enum Requirement {
    PROMETHEUS,
    NODE,
    /** Docker with Compose and the images, or a cluster and Helm. */
    E2E;

    /** Many tests may lack the same. */
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    /** Ends the calling test. */
    void isMissing(String sentence) {
        if (Boolean.getBoolean(name().toLowerCase() + ".required")) {
            Assertions.fail(sentence);
        }
        if (SAID.add(sentence)) {
            System.err.println("Skipped. " + sentence);
        }
        Assumptions.abort(sentence);
    }
}
