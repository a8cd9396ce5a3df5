"""Where an answer comes from: scenario, cassette or synthesiser."""
