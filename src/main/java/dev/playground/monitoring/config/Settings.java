package dev.playground.monitoring.config;

/** Marks a configuration whose components each have a {@link Setting}, checked at start-up. */
public interface Settings {}
