"""The words and rules that everybody uses: values without input or output."""
