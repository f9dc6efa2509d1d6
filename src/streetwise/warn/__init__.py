"""Warn 分析预警: history -> warnings. About places, categories and times; never about persons."""
